/** What fits into one part goes in one request. S3 takes no less than 5 MiB for a part that is not the last. */
export const S3_PART_BYTES = 8_388_608;
/** S3's own limit. With parts of 8 MiB, objects end at 80 GiB. */
export const S3_PARTS_MAX = 10_000;
export const S3_OBJECT_BYTES_MAX: number = S3_PARTS_MAX * S3_PART_BYTES;
