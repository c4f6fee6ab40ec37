import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import type { Font } from 'opentype.js';

interface LabelStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle';
}

/**
 * Text as an SVG path. The font comes with the development packages, so that labels look the same on a
 * machine that has no font at all.
 */
export function label(text: string, x: number, y: number, style: LabelStyle = {}): string {
  const { size = 15, bold = false, fill = '#222', anchor = 'start' } = style;
  const font = fontOf(bold);
  // Glyph by glyph: opentype.js cannot read all of this font's rules for ligatures, which labels do not need.
  const glyphs = [...text].map((character) => font.charToGlyph(character));
  const widths = glyphs.map(({ advanceWidth }) => ((advanceWidth ?? 0) * size) / font.unitsPerEm);
  const total = widths.reduce((sum, width) => sum + width, 0);
  let left = anchor === 'middle' ? x - total / 2 : x;
  const paths = glyphs.map((glyph, index) => {
    const path = glyph.getPath(left, y, size).toPathData(2);
    left += widths[index] ?? 0;
    return path;
  });
  return `<path fill="${fill}" d="${paths.join('')}"/>`;
}

const fonts = new Map<boolean, Font>();

function fontOf(bold: boolean): Font {
  const known = fonts.get(bold);
  if (known !== undefined) return known;
  const file = createRequire(import.meta.url).resolve(
    `dejavu-fonts-ttf/ttf/DejaVuSans${bold ? '-Bold' : ''}.ttf`,
  );
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const font = opentype.parse(buffer.slice(byteOffset, byteOffset + byteLength));
  fonts.set(bold, font);
  return font;
}
