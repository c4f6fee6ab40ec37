import { engine, getGradient, Multiply } from '@tensorflow/tfjs-core';
import type { GradConfig } from '@tensorflow/tfjs-core';

/** The gradient of a gradient goes through tfjs's own ops, whose gradients tfjs-core alone does not register. */
export function checkSecondOrder(functionName: string): void {
  if (engine().state.gradientDepth < 2) return;
  // A registry without an entry gives undefined, though its type says otherwise.
  if ((getGradient(Multiply) as GradConfig | undefined) !== undefined) return;
  throw new Error(
    `${functionName}: a gradient within a gradient needs the gradients of tfjs's own ops, and none are registered; ` +
      `import '@tensorflow/tfjs-layers', '@tensorflow/tfjs' or '@tensorflow/tfjs-core/dist/register_all_gradients' once.`,
  );
}
