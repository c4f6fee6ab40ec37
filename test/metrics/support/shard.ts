/** One process's share of a data set: gathers it and prints the accumulators as JSON. */
import { proAccumulator, scoreAccumulator } from '../../../src/index.js';
import { capacities, imageOf, size } from './shards.js';

const images = process.argv.slice(2).map(Number);
const states = capacities.map((capacity) => {
  const [scores, overlaps] = [scoreAccumulator(capacity), proAccumulator(capacity)];
  for (const image of images) {
    const { map, mask } = imageOf(image);
    scores.add(map, mask);
    overlaps.add(map, mask, size);
  }
  return { scores, overlaps };
});
process.stdout.write(JSON.stringify(states));
