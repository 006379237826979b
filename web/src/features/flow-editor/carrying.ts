import type { Piece } from './newNode'

const TYPE = 'application/x-trunkline-piece'

/** Begins to carry a piece from the palette. */
export function carry(event: DragEvent, piece: Piece): void {
  event.dataTransfer?.setData(TYPE, JSON.stringify(piece))
  if (event.dataTransfer !== null) event.dataTransfer.effectAllowed = 'copy'
}

/** The piece that was carried here, if it is one of ours. */
export function carried(event: DragEvent): Piece | null {
  const text = event.dataTransfer?.getData(TYPE) ?? ''
  return text === '' ? null : (JSON.parse(text) as Piece)
}
