const [LEAST, MOST] = [60, 800]

/** Pixels of `300` or `300px`, as far as a field may be low or high; undefined for what is no height. */
export function heightOf(given: unknown): number | undefined {
  const pixels = typeof given === 'string' ? Number(/^\s*(\d+(?:\.\d+)?)(?:px)?\s*$/.exec(given)?.[1] ?? Number.NaN) : given
  return typeof pixels === 'number' && Number.isFinite(pixels) ? Math.min(MOST, Math.max(LEAST, Math.round(pixels))) : undefined
}
