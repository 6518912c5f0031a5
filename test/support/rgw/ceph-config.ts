import path from 'node:path';

/** Where one Ceph of a test listens, all on loopback, and where it keeps its files. */
export interface CephPlace {
  readonly folder: string;
  readonly fsid: string;
  readonly monitorPort: number;
  readonly s3Port: number;
}

export const monitorAddress = ({ monitorPort }: CephPlace): string =>
  `[v2:127.0.0.1:${monitorPort}]`;

/**
 * A cluster of one monitor, one object store in memory and one gateway, none of which may do more than it must:
 * one copy of everything, four placement groups a pool, no housekeeping. cephx, since `auth none` breaks the gateway.
 */
export function cephConfig(place: CephPlace): string {
  const { folder, fsid, s3Port } = place;
  return `[global]
fsid = ${fsid}
mon initial members = a
mon host = ${monitorAddress(place)}
public addr = 127.0.0.1
public network = 127.0.0.0/8
ms bind msgr1 = false
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd crush chooseleaf type = 0
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 0
osd objectstore = memstore
memstore device bytes = 2147483648
osd class dir = /usr/lib/x86_64-linux-gnu/rados-classes
admin socket = ${folder}/$name.asok
run dir = ${folder}
log file = ${folder}/$name.log
crash dir = ${folder}
keyring = ${path.join(folder, 'keyring')}
debug ms = 0
[mon.a]
mon data = ${folder}/mon
host = localhost
[osd.0]
osd data = ${folder}/osd
[client.rgw.a]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${s3Port}
rgw dns name = localhost
rgw relaxed s3 bucket names = true
`;
}
