import { expect, test } from '@jest/globals';
import { json, withWeb } from '../support/web-rig.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const at = (value: unknown, ...names: readonly string[]): unknown => {
  let found = value;
  for (const name of names) found = isObject(found) ? found[name] : undefined;
  return found;
};

const byText = (a: string, b: string): number => a.localeCompare(b);

/** Every value of every `$ref` in a document. */
function refsIn(value: unknown): string[] {
  if (!isObject(value)) return [];
  const own = typeof value['$ref'] === 'string' ? [value['$ref']] : [];
  return [...own, ...Object.values(value).flatMap(refsIn)];
}

async function openApi(): Promise<Json> {
  let document: Json = {};
  await withWeb(async (rig) => {
    document = await json(await rig.get('/openapi.json'));
  });
  return document;
}

const operationsOf = (document: Json): [string, string, Json][] =>
  Object.entries(at(document, 'paths') ?? {}).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).map(
      ([method, operation]): [string, string, Json] => [
        path,
        method,
        isObject(operation) ? operation : {},
      ],
    ),
  );

test('the document is OpenAPI 3.1, with every operation of the API', async () => {
  const document = await openApi();
  expect(document['openapi']).toBe('3.1.0');
  const ids = operationsOf(document).map(([, , { operationId }]) => String(operationId));
  expect(ids.toSorted(byText)).toEqual([
    'addSubscriber',
    'drain',
    'fetchContent',
    'followLink',
    'followStatus',
    'followTransfers',
    'listCalls',
    'listLiveTransfers',
    'listSubscribers',
    'listTransfers',
    'listTrunks',
    'makeLink',
    'removeSubscriber',
    'removeTransfer',
    'showHealth',
    'showMetrics',
    'showReadiness',
    'showSession',
    'showStatus',
    'showTransfer',
    'showUsage',
    'signIn',
    'signOperatorIn',
    'signOperatorOut',
    'signOut',
  ]);
});

test('every reference leads somewhere', async () => {
  const document = await openApi();
  const refs = new Set(refsIn(document));
  expect(refs.size).toBeGreaterThan(5);
  for (const ref of refs) {
    expect(ref).toMatch(/^#\/components\/schemas\/[A-Z]\w+$/);
    expect(at(document, ...ref.slice(2).split('/'))).toBeDefined();
  }
});

test('every operation says what it answers, declares its path, and names a known scheme', async () => {
  const document = await openApi();
  const schemes = Object.keys(at(document, 'components', 'securitySchemes') ?? {});
  for (const [path, method, operation] of operationsOf(document)) {
    expect([path, method, Object.keys(operation['responses'] ?? {}).length]).not.toEqual([
      path,
      method,
      0,
    ]);
    const parameters = Array.isArray(operation['parameters']) ? operation['parameters'] : [];
    const declared = parameters
      .filter((one) => at(one, 'in') === 'path')
      .map((one) => String(at(one, 'name')));
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));
    expect(declared.toSorted(byText)).toEqual(inPath.toSorted(byText));
    const security = Array.isArray(operation['security']) ? operation['security'] : [];
    for (const requirement of security) expect(schemes).toContain(Object.keys(requirement)[0]);
  }
});
