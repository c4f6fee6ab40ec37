import { beforeAll, describe, expect, test } from 'vitest';
import { docstringExamples, tryExamples } from '../house/support/examples.js';
import type { Example, Outcome } from '../house/support/examples.js';

describe('examples of the docstrings', () => {
  const examples: readonly Example[] = docstringExamples();
  let outcomes: ReadonlyMap<Example, Outcome>;
  beforeAll(async () => {
    outcomes = await tryExamples([...examples, ...wrongExamples]);
  }, 900_000); // some seventy processes in turn, on a busy machine too

  test.each(examples)('$title compiles, and runs as pasted', (example) => {
    const { compiler, run } = outcomes.get(example)!;
    expect(compiler).toEqual([]);
    expect(run).toEqual([]);
  });

  test('comments beside what an example prints are compared with it', () => {
    const compared = examples.map((example) => outcomes.get(example)!.compared);
    expect(compared.reduce((total, count) => total + count, 0)).toBeGreaterThan(20);
  });

  const wrongExamples: readonly Example[] = [
    { title: 'a wrong type', code: `import { ssim } from 'ssim-ae';\nconst x: number = ssim;\nvoid x;` },
    { title: 'an error', code: `throw new Error('on purpose');` },
    { title: 'a wrong number', code: `console.log([1, 2]); // [1, 3]` },
    { title: 'a wrong bound', code: `console.log([1, 2]); // below 2` },
    { title: 'a wrong text', code: `console.log('ssim'); // ssimLoss` },
    { title: 'no text', code: `console.log('ssim');` },
    { title: 'a line that prints nothing', code: `if (Math.PI < 3) console.log('ssim'); // ssim` },
    { title: 'a package that its reader lacks', code: `const name = 'esbuild';\nawait import(name);` },
  ];
  test('one that does not compile, that throws, or that prints something else is reported', () => {
    const reported = wrongExamples.map((example) => {
      const { compiler, run } = outcomes.get(example)!;
      return [
        compiler.length > 0,
        /on purpose|the comment says|no comment|nothing|Cannot find package/.test(run.join()),
      ];
    });
    const [wrongType, ...others] = reported;
    expect(wrongType).toEqual([true, false]);
    expect(others).toEqual(others.map(() => [false, true]));
  });
});
