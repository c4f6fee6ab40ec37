import { files, forget, judge, restore, train } from './detectors.js';
import type { FromWorker, News, Request, ToWorker } from './messages.js';
import { inWords } from './problems.js';

/** Stops the training that runs. */
let training = new AbortController();

const send = (message: FromWorker): void => postMessage(message);
const tell = (news: News): void => send({ kind: 'news', news });

function work(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'train':
      training = new AbortController();
      return train(request, training.signal, tell);
    case 'judge':
      return judge(request.picture);
    case 'files':
      return files(request.rate);
    case 'restore':
      return restore(tell);
    case 'forget':
      return forget();
  }
}

onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'stop') {
    training.abort();
    return;
  }
  const { id, request } = data;
  work(request).then(
    (value) => send({ kind: 'answer', id, value }),
    (reason: unknown) => send({ kind: 'problem', id, text: inWords(reason) }),
  );
};
