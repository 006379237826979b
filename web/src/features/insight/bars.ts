import type { TaskFigures } from '@/api/types'

export interface Bar {
  day: string
  /** Under the bar, where there is room. */
  label: string
  x: number
  width: number
  finished: number
  failed: number
  revoked: number
  parts: { kind: 'finished' | 'failed' | 'revoked'; y: number; height: number }[]
}
export interface Chart {
  bars: Bar[]
  lines: { value: number; y: number }[]
}

const KINDS = ['finished', 'failed', 'revoked'] as const
const LABEL_WIDTH = 60
const MOST_LABELS = 10
const LINES = 4

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not less, four lines of whole numbers apart. */
export function scaleTop(highest: number): number {
  const step = Math.max(1, highest / LINES)
  const power = 10 ** Math.floor(Math.log10(step))
  const nice = [1, 2, 5, 10].find((each) => each * power >= step) ?? 10
  return nice * power * LINES
}

/** Stacked bars, one a day, in a room of so many pixels. */
export function barsOf(days: TaskFigures[], width: number, height: number): Chart {
  const top = scaleTop(Math.max(0, ...days.map(({ finished, failed, revoked }) => finished + failed + revoked)))
  const slot = width / Math.max(1, days.length)
  const every = Math.ceil(days.length / Math.max(1, Math.min(MOST_LABELS, Math.floor(width / LABEL_WIDTH))))
  const bars = days.map((figures, index): Bar => {
    let y = height
    const parts = KINDS.map((kind) => {
      const tall = (figures[kind] / top) * height
      y -= tall
      return { kind, y, height: tall }
    })
    const { id, finished, failed, revoked } = figures
    return { day: id, label: index % every === 0 ? id.slice(5) : '', x: index * slot + slot * 0.12, width: slot * 0.76, finished, failed, revoked, parts }
  })
  const lines = Array.from({ length: LINES + 1 }, (_, index) => ({ value: (top / LINES) * index, y: height - (height / LINES) * index }))
  return { bars, lines }
}

/** Seconds as people say them: `4.2 s`, `3 min`, `1.5 h`. */
export function durationText(seconds: number | null): string {
  if (seconds === null) return '—'
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 90) return `${Number(seconds.toPrecision(3))} s`
  if (seconds < 5400) return `${Number((seconds / 60).toPrecision(3))} min`
  return `${Number((seconds / 3600).toPrecision(3))} h`
}
