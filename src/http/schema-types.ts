import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';

/** The TypeScript type of what a JSON schema admits. For the subset that our schemas use; `$ref` is unknown. */
export type FromSchema<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly type: 'string' }
    ? string
    : S extends { readonly type: 'integer' | 'number' }
      ? number
      : S extends { readonly type: 'boolean' }
        ? boolean
        : S extends { readonly type: 'array'; readonly items: infer Items }
          ? readonly FromSchema<Items>[]
          : S extends { readonly type: 'object'; readonly properties: infer P }
            ? FromProperties<P, Required<S>>
            : unknown;

type Required<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never;

type FromProperties<P, Names> = {
  readonly [Name in keyof P as Name extends Names ? Name : never]: FromSchema<P[Name]>;
} & {
  readonly [Name in keyof P as Name extends Names ? never : Name]?: FromSchema<P[Name]>;
};

/** Lets fastify take the types of parameters, query and body from their schemas. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: FromSchema<this['schema']>;
  readonly serializer: unknown;
}

/** Our fastify. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  SchemaTypes
>;
