import type { Answers, FromWorker, News, Request, ToWorker } from './messages.js';

/** Said to the reader as it is. */
export class WorkshopError extends Error {}

/** The page's end of the worker that trains and judges. */
export class Workshop {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  #asked = 0;
  /** Has it stopped by itself? It then answers nothing any more. */
  dead = false;

  constructor(tell: (news: News) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'news') {
        tell(data.news);
        return;
      }
      const asker = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.kind === 'answer') asker?.resolve(data.value as never);
      else asker?.reject(new WorkshopError(data.text));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.end('The computation stopped unexpectedly, perhaps for lack of memory.');
    };
  }

  ask<R extends Request>(request: R): Promise<Answers[R['kind']]> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'ask', id, request });
    });
  }

  /** Ends a training after its step: what was learnt is kept. */
  stop(): void {
    this.#send({ kind: 'stop' });
  }

  /** Ends it at once; whoever waits is told why. */
  end(reason: string): void {
    this.dead = true;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new WorkshopError(reason));
    this.#waiting.clear();
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
