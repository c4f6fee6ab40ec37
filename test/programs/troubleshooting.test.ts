import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshProject } from '../house/support/freshProject.js';
import type { FreshProject } from '../house/support/freshProject.js';
import { root } from '../house/support/source.js';

// docs/troubleshooting.md quotes messages. Each is met here, by a program as its reader would write it, and the page's
// way out is taken where it is a line of code. One process for each way of being installed.

const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!);
/** Headings that are a message and nothing else. */
const messages = headings.flatMap((heading) => /^`([^`]+)`$/.exec(heading)?.[1] ?? []);

/** What meets a message, and what the page says to do instead. */
interface Meeting {
  readonly meets: string;
  readonly instead?: string;
}

interface Setting {
  readonly packages: readonly string[];
  /** What the program begins with. */
  readonly begin: string;
  readonly meetings: Readonly<Record<string, Meeting>>;
}

const core = ['ssim-ae', '@tensorflow/tfjs-core'];
const cpu = [...core, '@tensorflow/tfjs-backend-cpu'];
const wasm = [...core, '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'];

const settings: Readonly<Record<string, Setting>> = {
  'the cpu backend, without tfjs-layers': {
    packages: cpu,
    begin: `
      import '@tensorflow/tfjs-backend-cpu';
      import * as tf from '@tensorflow/tfjs-core';
      import { auPro, msSsim, rocAuc, ssim, ssimLoss, thresholdAtFalseAlarmRate, withOptions } from 'ssim-ae';
      const [x, y] = [1, 2].map((seed) => tf.randomUniform([1, 32, 32, 1], 0, 1, 'float32', seed));
      const small = tf.zeros([1, 8, 8, 1]);`,
    meetings: {
      'Cannot compute gradient of y=f(x) with respect to x. Make sure that the f you passed encloses all operations that lead from x to y.':
        {
          meets: 'tf.grad((z) => tf.tensor1d(ssimLoss(x, z).dataSync()))(y)',
          instead: 'tf.grad((z) => ssimLoss(x, z))(y)',
        },
      'Cannot compute gradient: gradient function not found for …': {
        meets: 'tf.grad((z) => tf.square(z))(y)',
      },
      "a gradient within a gradient needs the gradients of tfjs's own ops, and none are registered": {
        meets: 'tf.grad((v) => tf.grad((z) => ssimLoss(x, z))(v))(y)',
      },
      "ssimLoss: yTrue must be of dtype float32, but got int32; convert it with tf.cast(x, 'float32'), and divide 8-bit pixels by 255, or give { dataRange: 255 }.":
        {
          meets: "ssimLoss(tf.zeros([1, 32, 32, 1], 'int32'), y)",
          instead: "ssimLoss(tf.div(tf.zeros([1, 32, 32, 1], 'int32'), 255), y)",
        },
      'ssimLoss: yTrue must have shape [batch, height, width, channels], but got [32, 32, 1]; add the batch axis with tf.expandDims(x, 0).':
        {
          meets: 'ssimLoss(tf.zeros([32, 32, 1]), y)',
          instead: 'ssimLoss(tf.expandDims(tf.zeros([32, 32, 1]), 0), y)',
        },
      'ssimLoss: yTrue and yPred must have the same shape, but got [1, 32, 32, 3] and [1, 32, 32, 1].': {
        meets: 'ssimLoss(tf.zeros([1, 32, 32, 3]), y)',
      },
      'ssimLoss: window of 11 pixels does not fit images of 8×8; use windowSize ≤ 7.': {
        meets: 'ssimLoss(small, small)',
        instead: 'withOptions(ssimLoss, { windowSize: 7 })(small, small)',
      },
      'msSsim: window of 11 pixels does not fit images of 32×32 at the smallest of 5 levels, 2×2; use images of at least 161×161, levels ≤ 2 or a smaller windowSize.':
        { meets: 'msSsim(x, y)', instead: 'msSsim(x, y, { levels: 2 })' },
      'ssim: unknown option "maxVal"; did you mean "dataRange"?': { meets: 'ssim(x, y, { maxVal: 255 })' },
      'ssim: unknown option "reduction"; each image of the batch has a value of its own: take tf.mean or tf.sum of what is returned.':
        { meets: "ssim(x, y, { reduction: 'none' })" },
      'ssim: yTrue has pixels from … to …, outside of [0, 1]; divide the pixels by 255, or give { dataRange: 255 }.':
        {
          meets: 'ssim(tf.mul(x, 255), y, { checkRange: true })',
          instead: 'ssim(tf.mul(x, 255), y, { checkRange: true, dataRange: 255 })',
        },
      'ssimLoss: yTrue was disposed before, so its values are gone; dispose of it later, or let the tf.tidy that it comes from return it.':
        {
          meets: 'ssimLoss((tf.tidy(() => { x.of = tf.add(x, 0); }), x.of), y)',
          instead: 'ssimLoss(tf.tidy(() => tf.add(x, 0)), y)',
        },
      'rocAuc: scores must be a typed array or a list of numbers, such as await tensor.data(), but got a Promise; await it first.':
        {
          meets: 'rocAuc(tf.tensor1d([0, 1]).data(), [0, 1])',
          instead: 'rocAuc(await tf.tensor1d([0, 1]).data(), [0, 1])',
        },
      'rocAuc: labels[1] must be 0 or 1, but got 255; make a mask of other values binary with Uint8Array.from(mask, (v) => v > 0).':
        {
          meets: 'rocAuc([0, 1], [0, 255])',
          instead: 'rocAuc([0, 1], Uint8Array.from([0, 255], (v) => v > 0))',
        },
      'rocAuc: all 2 labels are 0, so there is nothing defective to compare with; an ROC curve needs scores of both labels.':
        { meets: 'rocAuc([0, 1], [0, 0])' },
      'rocAuc: scores[1] is NaN; every score must be a finite number.': { meets: 'rocAuc([0, NaN], [0, 1])' },
      'auPro: maps must hold whole images of 64×64, a multiple of 4096 values, but got 100.': {
        meets: 'auPro(new Float32Array(100), new Uint8Array(100), { height: 64, width: 64 })',
      },
      'thresholdAtFalseAlarmRate: a rate of 0.01 takes at least 99 good images, but got 3 scores; score more of them, or use rate ≥ 0.25.':
        {
          meets: 'thresholdAtFalseAlarmRate([1, 2, 3], 0.01)',
          instead: 'thresholdAtFalseAlarmRate([1, 2, 3], 0.25)',
        },
    },
  },
  'the wasm backend, with tfjs-layers': {
    packages: wasm,
    begin: `
      import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
      import * as tf from '@tensorflow/tfjs-core';
      import { layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
      import { ssim, ssimLoss } from 'ssim-ae';
      import { registerWasmTraining } from 'ssim-ae/kernels';
      const images = () => tf.ones([1, 16, 16, 1]);
      let variable;
      const minimizes = (loss) =>
        tf.train.sgd(1).minimize(() => tf.mean(typeof loss === 'function' ? loss() : loss));
      const model = () =>
        sequential({ layers: [layers.conv2d({ inputShape: [16, 16, 1], filters: 1, kernelSize: 1 })] });
      const compiled = (settings) => {
        const made = model();
        made.compile({ optimizer: 'sgd', loss: ssimLoss, ...settings });
        return made;
      };
      const loaded = async () => {
        let artifacts;
        const save = async (given) => ((artifacts = given), { modelArtifactsInfo: { dateSaved: new Date() } });
        await compiled().save({ save }, { includeOptimizer: true });
        return loadLayersModel({ load: async () => artifacts });
      };`,
    meetings: {
      'has not yet been initialized. Make sure to await tf.ready() or await tf.setBackend() before calling other methods':
        {
          meets: 'tf.zeros([1])',
          instead: "await tf.setBackend('wasm'), tf.zeros([1])",
        },
      "Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'": {
        meets: 'await compiled().trainOnBatch(images(), images())',
        instead: 'registerWasmTraining(), await compiled().trainOnBatch(images(), images())',
      },
      'Cannot find a connection between any variable and the result of the loss function y=f(x).': {
        meets: '(variable = tf.variable(images())), minimizes(ssimLoss(images(), variable))',
        instead: 'minimizes(() => ssimLoss(images(), variable))',
      },
      'Unknown loss …': { meets: "compiled({ loss: 'ssimLoss' })", instead: 'compiled({ loss: ssimLoss })' },
      'Unknown metric …': {
        meets: "compiled({ metrics: ['ssim'] })",
        instead: 'compiled({ metrics: [ssim] })',
      },
      'lossFunction is not a function': {
        meets: '(await loaded()).evaluate(images(), images())',
        instead: `await loaded().then((made) => {
          made.compile({ optimizer: 'adam', loss: ssimLoss });
          return made.evaluate(images(), images());
        })`,
      },
      '`getThreadsCount()` stays at 1': { meets: "throw new Error('threads: ' + getThreadsCount())" },
    },
  },
  'tfjs-core without a backend': {
    packages: core,
    begin: `import * as tf from '@tensorflow/tfjs-core';`,
    meetings: { 'No backend found in registry.': { meets: 'tf.zeros([1])' } },
  },
  'nothing beside the package': {
    packages: ['ssim-ae'],
    begin: `import { createRequire } from 'node:module';`,
    meetings: {
      "Cannot find package '@tensorflow/tfjs-core' imported from …": { meets: "await import('ssim-ae')" },
      "Cannot find module '@tensorflow/tfjs-core'": {
        meets: "createRequire(import.meta.url)('ssim-ae')",
      },
      'Package subpath \'./…\' is not defined by "exports"': {
        meets: "await import('ssim-ae/ssim/ssimLoss')",
      },
    },
  },
};

/** `…` of a quotation is anything. */
const pattern = (quoted: string): RegExp =>
  new RegExp(
    quoted
      .split('…')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('.+'),
  );

/** What a program met, meeting by meeting: the message, and the message of what is to be done instead, if it threw. */
type Met = Readonly<Record<string, readonly [met: string | null, instead: string | null]>>;

const projects: FreshProject[] = [];
afterAll(() => projects.forEach((project) => project.remove()));

function projectOf(packages: readonly string[]): FreshProject {
  const project = freshProject();
  projects.push(project);
  project.install(packages);
  return project;
}

function runs(project: FreshProject, code: string): { readonly out: string; readonly all: string } {
  project.write('program.mjs', code);
  const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], {
    cwd: project.folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { out: stdout, all: stdout + stderr };
}

const program = ({ begin, meetings }: Setting): string => `${begin}
  const met = {};
  const attempt = async (step) => {
    try {
      await step();
      return null;
    } catch (error) {
      return error.message;
    }
  };
  ${Object.entries(meetings)
    .map(([message, { meets, instead = '0' }]) => {
      const steps = [meets, instead].map((code) =>
        code.startsWith('throw ') ? `async () => { ${code}; }` : `async () => (${code})`,
      );
      return `met[${JSON.stringify(message)}] = [await attempt(${steps[0]}), await attempt(${steps[1]})];`;
    })
    .join('\n')}
  console.log('\\n' + JSON.stringify(met));`;

describe.each(Object.entries(settings))('%s', (_, setting) => {
  let met: Met;
  beforeAll(() => {
    const { out, all } = runs(projectOf(setting.packages), program(setting));
    const last = out.trim().split('\n').at(-1);
    expect(last, all).toMatch(/^\{/);
    met = JSON.parse(last) as Met;
  });

  test.each(Object.keys(setting.meetings))('%s', (message) => {
    const [got, instead] = met[message]!;
    expect(got).toMatch(message.startsWith('`getThreadsCount') ? /^threads: 1$/ : pattern(message));
    expect(instead).toBeNull();
  });
});

const others: Readonly<Record<string, () => string>> = {
  'expected magic word 00 61 73 6d, found 3c 21 64 6f @+0': () => {
    const project = projectOf(wasm);
    for (const kind of ['', '-simd', '-threaded-simd']) {
      project.write(`tfjs-backend-wasm${kind}.wasm`, '<!doctype html><title>404</title>');
    }
    return runs(
      project,
      `import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
      import { setBackend } from '@tensorflow/tfjs-core';
      setWasmPaths('./');
      console.log(await setBackend('wasm'));
      process.exit();`,
    ).all;
  },
  'Platform node has already been set. Overwriting the platform with node.': () => {
    const project = withTwoCopies();
    const { all } = runs(
      project,
      `import '@tensorflow/tfjs-backend-cpu';
      import * as tf from '@tensorflow/tfjs-core';
      import { ssimLoss } from 'ssim-ae';
      const images = [1, 2].map((seed) => tf.randomUniform([1, 16, 16, 1], 0, 1, 'float32', seed));
      console.log('gradient of ' + tf.grad((y) => ssimLoss(images[0], y))(images[1]).shape);`,
    );
    // What the page says of it.
    expect(all).toContain('gradient of 1,16,16,1');
    return all;
  },
  'Two different types with this name exist, but they are unrelated.': () => {
    const project = withTwoCopies();
    const copy = join(project.folder, 'node_modules/ssim-ae/node_modules/@tensorflow/tfjs-core/package.json');
    const about = JSON.parse(readFileSync(copy, 'utf8')) as object;
    writeFileSync(copy, JSON.stringify({ ...about, version: '4.10.0' }));
    const file = join(project.folder, 'types.mts');
    project.write(
      'types.mts',
      `import { Tensor } from '@tensorflow/tfjs-core';
      import { ssim } from 'ssim-ae';
      declare const x: Tensor;
      export const value: Tensor = ssim(x, x);`,
    );
    const { ModuleKind, ScriptTarget } = ts;
    const options: ts.CompilerOptions = {
      module: ModuleKind.NodeNext,
      target: ScriptTarget.ES2022,
      strict: true,
      skipLibCheck: true,
      types: [],
      lib: ['lib.es5.d.ts'],
    };
    const made = ts.createProgram([file], options);
    return made
      .getSemanticDiagnostics(made.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .join('\n');
  },
  "The requested module 'ssim-ae' does not provide an export named '…'": () =>
    runs(projectOf(core), `import { SSIMLoss } from 'ssim-ae';`).all,
};

/** The package with a tfjs-core of its own beside that of the project. */
function withTwoCopies(): FreshProject {
  const project = projectOf(cpu);
  const copied = 'node_modules/@tensorflow/tfjs-core';
  cpSync(join(root, copied), join(project.folder, 'node_modules/ssim-ae', copied), {
    recursive: true,
    filter: (path) => !/\/src$|\.map$|_test\.|tf-core.*\.(min|es2017|fesm)/.test(path),
  });
  return project;
}

test.each(Object.keys(others))('%s', (message) => {
  expect(others[message]!()).toMatch(pattern(message));
});

test('each message of the page is met here, and each that is met here stands on the page', () => {
  const tried = [
    ...Object.values(settings).flatMap(({ meetings }) => Object.keys(meetings)),
    ...Object.keys(others),
  ];
  expect(messages.filter((message) => !tried.includes(message))).toEqual([]);
  expect(tried.filter((message) => !page.includes(message))).toEqual([]);
  expect(messages.length).toBeGreaterThan(25);
});

test('links within the page lead to headings', () => {
  const anchors = headings
    .concat([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!))
    .map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link!);
  expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
});
