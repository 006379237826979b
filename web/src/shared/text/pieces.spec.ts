// @vitest-environment node

import { expect, it } from 'vitest'
import { inPieces, PIECE, type Piece } from './pieces'

const kept = (piece: Piece): { id: string; size: number; is_complete: boolean } => ({ id: 'f', size: piece.offset + atob(piece.content).length, is_complete: piece.is_last })

it('sends the name with the first piece, and the id it was answered with each further one', async () => {
  const sent: Piece[] = []
  const shares: number[] = []
  await inPieces(new File([new Uint8Array(PIECE + 2)], 'a.bin'), (piece) => { sent.push(piece); return Promise.resolve(kept(piece)) }, (share) => shares.push(share))
  expect(sent.map(({ content, ...rest }) => ({ ...rest, length: atob(content).length }))).toEqual([
    { file_name: 'a.bin', offset: 0, is_last: false, length: PIECE },
    { id: 'f', offset: PIECE, is_last: true, length: 2 },
  ])
  expect(shares.at(-1)).toBe(1)
})

it('sends an empty file once', async () => {
  const sent: Piece[] = []
  await inPieces(new File([], 'empty'), (piece) => { sent.push(piece); return Promise.resolve(kept(piece)) }, () => undefined)
  expect(sent).toEqual([{ file_name: 'empty', content: '', offset: 0, is_last: true }])
})
