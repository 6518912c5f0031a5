/**
 * Paints the picture of `photo.jpg` as a PPM on stdout: an evening over a lake, ridges by midpoint displacement, film
 * grain. Deterministic, so that anyone can make the file again (see ORIGIN.md).
 */
const WIDTH = 1_600;
const HEIGHT = 1_066;
const HORIZON = 640;
const RIDGES = 5;

type Colour = readonly [number, number, number];

/** A linear congruential generator (Numerical Recipes): the same picture every time. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const mix = (from: Colour, to: Colour, share: number): Colour => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

/** The outline of a ridge: one height per column, rougher at small scales than a sine ever is. */
function ridge(random: () => number, amplitude: number): Float64Array {
  const size = 2_048;
  const heights = new Float64Array(size + 1);
  let spread = amplitude;
  for (let step = size; step > 1; step /= 2) {
    for (let left = 0; left < size; left += step) {
      const middle = ((heights[left] ?? 0) + (heights[left + step] ?? 0)) / 2;
      heights[left + step / 2] = middle + (random() - 0.5) * spread;
    }
    spread *= 0.53;
  }
  return heights;
}

const random = generator(2_007);
const ridges = Array.from({ length: RIDGES }, (_, nearness) => ridge(random, 190 - 18 * nearness));

function sky(x: number, y: number): Colour {
  const base = mix([38, 60, 112], [250, 188, 120], Math.min(1, y / HORIZON) ** 1.6);
  const distance = Math.hypot(x - 1_080, y - 500);
  const glow = Math.exp(-distance / 150);
  return distance < 46 ? [255, 246, 214] : mix(base, [255, 226, 160], glow);
}

function land(x: number, y: number): Colour {
  for (let nearness = RIDGES - 1; nearness >= 0; nearness--) {
    const top = 430 + 46 * nearness - (ridges[nearness]?.[x + 60 * nearness] ?? 0);
    if (y >= top) return mix([150, 128, 150], [22, 30, 34], nearness / (RIDGES - 1));
  }
  return sky(x, y);
}

function water(x: number, y: number): Colour {
  const depth = (y - HORIZON) / (HEIGHT - HORIZON);
  const ripple = Math.sin(y * 0.9 + Math.sin(x * 0.013 + y * 0.21) * 2.4) * (2 + 14 * depth);
  const mirrored = land(
    Math.min(WIDTH - 1, Math.max(0, Math.round(x + ripple))),
    Math.max(0, Math.round(HORIZON - (y - HORIZON) * 1.25 - ripple * 0.6)),
  );
  return mix(mirrored, [24, 38, 58], 0.28 + 0.4 * depth);
}

const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
for (let y = 0; y < HEIGHT; y++) {
  for (let x = 0; x < WIDTH; x++) {
    const colour = y < HORIZON ? land(x, y) : water(x, y);
    const grain = (random() + random() + random() - 1.5) * 20;
    for (let channel = 0; channel < 3; channel++) {
      const value = Math.round((colour[channel] ?? 0) + grain);
      pixels[(y * WIDTH + x) * 3 + channel] = Math.min(255, Math.max(0, value));
    }
  }
}
process.stdout.write(`P6\n${WIDTH} ${HEIGHT}\n255\n`);
process.stdout.write(pixels);

export {};
