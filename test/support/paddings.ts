/** Every padding. */
export const paddings = ['valid', 'reflect', 'symmetric', 'edge', 'zero', 'wrap'] as const;

/** Those that add a border. */
export const bordered = paddings.slice(1) as readonly Exclude<(typeof paddings)[number], 'valid'>[];
