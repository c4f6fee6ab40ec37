/**
 * The colour maps of matplotlib (Nathaniel Smith and Stéfan van der Walt; cividis: Jamie Nuñez, Christopher Anderton
 * and Ryan Renslow; CC0): 52 colours each, in hexadecimal RGB, evenly spaced. Equal steps of a value are steps that
 * look equal.
 */
const colours = {
  viridis:
    '44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d' +
    '33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa83' +
    '28ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11f' +
    'd8e219e5e419f1e51dfde725',
  inferno:
    '00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e' +
    '71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337' +
    'e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156' +
    'f2ea69f2f27df5f992fcffa4',
  cividis:
    '00205100245900275f002b64052e6709326a0f356c15396d1c3c6e23406e29436e30476e374a6e3e4e6e44526d4b556d' +
    '51596e575c6e5c606e62646f67676f6c6b70706f717572727976737d7a74817d758581768985778e8978928d78969178' +
    '9b95789f9978a49d78a9a177aea575b4a974baae72bfb26fc5b66cccbb69d2bf66d8c462dec85ee4cd5aead256f0d652' +
    'f4db4ef8e04bfbe548fdea45',
  gray: '000000ffffff',
} as const;

/** Colour maps of `heatmap`. */
export type Colormap = keyof typeof colours;

export const colormaps: readonly Colormap[] = ['viridis', 'inferno', 'cividis', 'gray'];

const levels = 256;

/** [256, 3] in [0, 1], row by row. */
export function colourTable(name: Colormap): Float32Array {
  const stops = (colours[name].match(/../g) ?? []).map((pair) => parseInt(pair, 16) / 255);
  const last = stops.length / 3 - 1;
  return Float32Array.from({ length: 3 * levels }, (_, k) => {
    const place = (Math.floor(k / 3) / (levels - 1)) * last;
    const stop = Math.min(Math.floor(place), last - 1);
    const [from, to] = [stops[3 * stop + (k % 3)]!, stops[3 * stop + 3 + (k % 3)]!];
    return from + (place - stop) * (to - from);
  });
}
