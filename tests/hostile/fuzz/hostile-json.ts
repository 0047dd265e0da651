import fc from 'fast-check';

/**
 * Pieces of JSON text, and of what is none. Text instead of values: raw control characters, numbers beyond every range, names that occur
 * twice and brackets that never close cannot be had from `JSON.stringify`.
 */
const NUMBERS = [
  '-0',
  '-1',
  '0.1',
  '1e400',
  '-1e400',
  '1e-400',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  `1${'0'.repeat(400)}`,
  `0.${'3'.repeat(5_000)}`,
  '01',
  '+1',
  '.5',
  'NaN',
  'Infinity',
];
const TEXTS = [
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\u0001"',
  '"\u007f"',
  '"a\r\nX-Injected: 1"',
  '"a\\r\\nX-Injected: 1"',
  '"\\u2028"',
  '"\ufeff"',
  '"\u202e\u0665\u{1f469}\u200d\u{1f680}"',
  '"../../../../etc/passwd"',
  `"'; DROP TABLE runs; --"`,
  '"%s%n%00"',
  '"<script>alert(1)</script>"',
  '"{{payload.__proto__.polluted}}"',
  '"{{steps.constructor.output}}"',
  '"{{{{"',
  '"__proto__"',
  '"2026-02-30T25:61:61Z"',
  '"+275760-09-14T00:00:00.000Z"',
  '"http://[::1]:6379/"',
  '"file:///etc/passwd"',
  '"http://user:pass@169.254.169.254/latest"',
  `"${'x'.repeat(5_000)}"`,
  `"${'\u{1f680}'.repeat(10_000)}"`,
  `"${'x'.repeat(70_000)}"`,
  '"open end',
  "'single'",
];
const OBJECTS = [
  '{}',
  '[]',
  '[[]]',
  '[null]',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"__proto__":null,"toString":1,"valueOf":{},"hasOwnProperty":2,"then":3,"toJSON":4}',
  '{"length":-1,"0":1}',
  '{"a":1,"a":2}',
  '{"":""}',
  '{"\\u0000":1}',
  '{"\\ud800":1}',
  '[1,]',
  '{"a":1',
  '{a:1}',
  '[undefined]',
  `[${'0,'.repeat(10_000)}0]`,
  `{${Array.from({ length: 3_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
];
const BARE = ['null', 'true', 'false', 'undefined', '', '//', '/**/1'];

const isJson = (text: string): boolean => {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

/** Text where text belongs, and values where any may stand: what gets past the schema and is wrong further in. */
export const hostileText = fc.constantFrom(...TEXTS.filter((text) => isJson(text) && text.length < 10_000));
export const hostileValue = fc.constantFrom(
  ...[...TEXTS, ...NUMBERS, ...OBJECTS].filter((text) => isJson(text) && text.length < 20_000),
);

const nested = (open: string, close: string) => (depth: number) => open.repeat(depth) + close.repeat(depth);
const depths = fc.constantFrom(31, 32, 33, 34, 1_000, 20_000);
const DEEP = fc.oneof(
  depths.map(nested('[', ']')),
  depths.map(nested('{"a":[', ']}')),
  depths.map((n) => '['.repeat(n)),
);

/** One piece where something else was expected. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 4, arbitrary: fc.constantFrom(...OBJECTS) },
  { weight: 2, arbitrary: fc.constantFrom(...BARE) },
  { weight: 2, arbitrary: DEEP },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 5 }) },
);
