import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A child process that answers each line, of fields between tabs, with one line of JSON. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  #ended: Error | undefined;

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{')) return; // a library's greeting
      const answer = JSON.parse(line) as Answer;
      const next = this.#waiting.shift();
      if (typeof answer['error'] === 'string') next?.reject(new Error(answer['error']));
      else next?.resolve(answer);
    });
    const end = (error: Error): void => {
      this.#ended = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    };
    this.#child.stdin!.on('error', end);
    this.#child.on('error', end);
    this.#child.on('exit', (code, signal) => end(new Error(`${command} ended with ${signal ?? code}`)));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  ask(...fields: readonly (string | number)[]): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin!.write(`${fields.join('\t')}\n`);
    });
  }

  close(): void {
    this.#child.stdin!.end();
  }
}

export type Answer = Readonly<Record<string, string | number | null>>;
