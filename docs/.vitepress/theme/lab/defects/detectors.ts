import { clone, dispose, io, keep as keepTensor, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  autoencoder,
  corrupt,
  defectDetector,
  folderHandler,
  loadDetector,
  trainAutoencoder,
} from '../../../../../src/autoencoder.js';
import type { DefectDetector, TrainedAutoencoder, TrainingState } from '../../../../../src/autoencoder.js';
import { l1ResidualMap, tiledResidualMap } from '../../../../../src/index.js';
import type { Picture } from '../pictures.js';
import { discard, keep, kept } from './kept.js';
import type { DetectorFiles, Judged, Learnt, News, Preview, TrainRequest, Values } from './messages.js';
import { hasColour, isHeldBack } from './sharing.js';
import { startBackend } from './startBackend.js';

type Tell = (news: News) => void;
type Model = ReturnType<typeof autoencoder>;

/** A detector as the worker holds it, with the pictures that another threshold is taken from. */
interface Held {
  readonly detector: DefectDetector;
  readonly heldBack: readonly Picture[];
}
let held: Held | undefined;

/** Where tfjs keeps the model. */
const place = 'indexeddb://ssim-ae-lab-find-defects';
/** Patches drawn, weights begun: the same pictures give the same detector on the same backend. */
const seed = 1;
const imagesOf = (pictures: readonly Picture[]): ImageData[] => pictures.map(({ image }) => image);

/** Trains on two of three pictures, takes thresholds from the others, and keeps the result in this browser. */
export async function train(request: TrainRequest, signal: AbortSignal, tell: Tell): Promise<Learnt> {
  const { pictures, size, resume } = request;
  const backend = await startBackend(request.backend);
  const wanted = request.backend;
  tell({ kind: 'backend', backend, instead: wanted === 'auto' || wanted === backend ? undefined : wanted });
  const channels = pictures.some(hasColour) ? 3 : 1;
  const trained = pictures.filter((_, index) => !isHeldBack(index));
  const heldBack = pictures.filter((_, index) => isHeldBack(index));
  const began = performance.now();
  const stepSeconds = await secondsOfStep(trained, size, channels);
  const steps = resume?.steps ?? stepsWithin(request.effort, stepSeconds);
  tell({ kind: 'measured', steps, stepSeconds });

  const model = autoencoder({ size, channels, seed });
  const seen = await previewPicture(heldBack[0]!, size, channels);
  let last: TrainingState | undefined;
  let result: TrainedAutoencoder;
  try {
    const options = { ...(resume === undefined ? { steps, seed } : { resume }) };
    const settings = {
      ...options,
      signal,
      // A look at it every two seconds.
      checkpointEvery: Math.max(1, Math.round(2 / stepSeconds)),
      onProgress: (progress: { step: number; steps: number; loss: number; secondsLeft: number }) =>
        tell({ kind: 'step', ...progress }),
      onCheckpoint: async (state: TrainingState) => {
        last = state;
        tell({ kind: 'checkpoint', state });
        tell({ kind: 'preview', preview: await previewOf(model, seen, size) });
      },
    };
    result = await trainAutoencoder(model, imagesOf(trained), settings).catch((reason: unknown) => {
      if (!signal.aborted || last === undefined || last.step === 0) throw reason;
      // Stopped: what it has learnt is checked as if these had been all of its steps.
      return trainAutoencoder(model, imagesOf(trained), { resume: { ...last, steps: last.step } });
    });
    tell({ kind: 'preview', preview: await previewOf(model, seen, size) });
  } finally {
    dispose([seen.good, seen.spoilt]);
  }

  const count = heldBack.length;
  const detector = await defectDetector(model, imagesOf(heldBack), {
    // The lowest that so many pictures can promise; the page computes the threshold of any other.
    falseAlarmRate: 1 / (count + 1),
    onProgress: (done) => tell({ kind: 'thresholds', done, total: 2 * count }),
  });
  const scores: number[] = [];
  for (const { image } of heldBack) {
    scores.push((await detector.inspect(image)).score);
    tell({ kind: 'thresholds', done: count + scores.length, total: 2 * count });
  }
  held = { detector, heldBack };
  const learnt: Learnt = {
    version: 1,
    backend,
    size,
    channels,
    trained: trained.map(({ name }) => name),
    heldBack: heldBack.map(({ name }) => name),
    scores,
    pixelThreshold: detector.pixelThreshold,
    losses: result.losses,
    steps,
    seconds: (performance.now() - began) / 1000,
    reproduced: result.reproduced,
    repaired: result.repaired ?? 0,
    doubts: result.doubts.map(({ text }) => text),
    notKept: undefined,
  };
  try {
    await detector.save(place);
    await keep({ learnt, heldBack }, 'detector');
  } catch (reason) {
    return { ...learnt, notKept: reason instanceof Error ? reason.message : String(reason) };
  }
  return learnt;
}

/** How long a step takes here: the fastest of a few on a model that is thrown away, since the first one also prepares. */
async function secondsOfStep(pictures: readonly Picture[], size: number, channels: number): Promise<number> {
  const enough = new AbortController();
  const times: number[] = [];
  let before = performance.now();
  const model = autoencoder({ size, channels, seed });
  try {
    await trainAutoencoder(model, imagesOf(pictures), {
      steps: 6,
      seed,
      signal: enough.signal,
      onProgress: ({ step }) => {
        const now = performance.now();
        times.push((now - before) / 1000);
        before = now;
        if (step === 5 || (step >= 2 && times.reduce((sum, time) => sum + time) > 3)) enough.abort();
      },
    });
  } catch (reason) {
    if (!enough.signal.aborted) throw reason;
  } finally {
    model.dispose();
  }
  return Math.min(...times.slice(1));
}

/** Fewer steps teach nothing; more of them hardly anything. */
const [fewestSteps, mostSteps] = [40, 6000];

function stepsWithin(effort: TrainRequest['effort'], stepSeconds: number): number {
  if ('steps' in effort) return effort.steps;
  // In round numbers, since the clock is not that precise.
  const fitting = 10 * Math.round(effort.seconds / stepSeconds / 10);
  return Math.max(fewestSteps, Math.min(mostSteps, fitting));
}

interface Seen {
  readonly good: Tensor4D;
  readonly spoilt: Tensor4D;
}

/** The middle of a picture that is not trained on, whole and spoilt. */
async function previewPicture({ image }: Picture, size: number, channels: 1 | 3): Promise<Seen> {
  const side = (length: number): number => Math.min(length, Math.max(size, 128));
  const [height, width] = [side(image.height), side(image.width)];
  const [top, left] = [image.height - height, image.width - width].map((rest) => Math.floor(rest / 2)) as [
    number,
    number,
  ];
  const values = new Float32Array(height * width * channels);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = 4 * ((top + row) * image.width + left + column);
      for (let c = 0; c < channels; c++) {
        values[(row * width + column) * channels + c] = image.data[from + c]! / 255;
      }
    }
  }
  const good = tensor4d(values, [1, height, width, channels]);
  return { good, spoilt: await corrupt(good, { seed: 3, places: 6 }) };
}

async function previewOf(model: Model, { good, spoilt }: Seen, size: number): Promise<Preview> {
  const reproduce = async (x: Tensor4D): Promise<{ y: Values; map: Values }> => {
    let whole: Tensor4D | undefined;
    const map = await tiledResidualMap(x, (tiles) => model.predict(tiles), {
      tileSize: size,
      stride: size / 2,
      average: 'reconstructions',
      residualMap: (yTrue, yPred) => {
        whole = keepTensor(clone(yPred));
        return l1ResidualMap(yTrue, yPred);
      },
    });
    const made = { y: await valuesOf(whole!), map: await valuesOf(map) };
    dispose([whole!, map]);
    return made;
  };
  return {
    spoilt: await valuesOf(spoilt),
    repaired: (await reproduce(spoilt)).y,
    good: await valuesOf(good),
    map: (await reproduce(good)).map,
  };
}

async function valuesOf(image: Tensor4D): Promise<Values> {
  const [, height, width, channels] = image.shape;
  return { data: (await image.data<'float32'>()).slice(), height, width, channels };
}

function current(): Held {
  if (held === undefined) throw new Error('Nothing is learnt yet.');
  return held;
}

export async function judge({ image }: Picture): Promise<Judged> {
  const { map, score, doubts } = await current().detector.inspect(image);
  return { map, score, doubts: doubts.map(({ text }) => text) };
}

/** The files of the detector with this rate of false alarms, as `folderHandler` writes them. */
export async function files(rate: number): Promise<DetectorFiles> {
  const { detector, heldBack } = current();
  const written = new Map<string, string | Uint8Array>();
  const atRate = await defectDetector(detector.model, imagesOf(heldBack), { falseAlarmRate: rate });
  await atRate.save(
    folderHandler('detector', {
      mkdir: () => Promise.resolve(),
      readFile: () => Promise.reject(new Error('not read')),
      writeFile: (path, data) => Promise.resolve(written.set(path, data)),
    }),
  );
  return {
    model: written.get('detector/model.json') as string,
    weights: written.get('detector/weights.bin') as Uint8Array<ArrayBuffer>,
  };
}

/** What an earlier visit kept. */
export async function restore(tell: Tell): Promise<Learnt | undefined> {
  const found = (await kept('detector')) as { learnt: Learnt; heldBack: readonly Picture[] } | undefined;
  if (found?.learnt.version !== 1) return undefined;
  tell({ kind: 'backend', backend: await startBackend('auto'), instead: undefined });
  held = { detector: await loadDetector(place), heldBack: found.heldBack };
  return found.learnt;
}

export async function forget(): Promise<undefined> {
  held?.detector.model.dispose();
  held = undefined;
  await discard();
  if (place in (await io.listModels())) await io.removeModel(place);
}
