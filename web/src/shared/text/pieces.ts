import { base64Of } from './base64'

/** Bytes of a piece: in Base64 they stay below what the gateway takes. */
export const PIECE = 4 * 1024 * 1024

/** A part of a file; the first has a name, each further one the id that the first was answered. */
export type Piece = { content: string; offset: number; is_last: boolean } & ({ file_name: string } | { id: string })

interface Kept {
  id: string
  size: number
  is_complete: boolean
}

/** Sends a file piece by piece; `told` hears which share has gone. */
export async function inPieces<Answer extends Kept>(file: File, send: (piece: Piece) => Promise<Answer>, told: (share: number) => void): Promise<Answer> {
  let sent: Answer | undefined
  do {
    const offset: number = sent?.size ?? 0
    const end = Math.min(offset + PIECE, file.size)
    const content = await base64Of(file.slice(offset, end))
    const which = sent === undefined ? { file_name: file.name } : { id: sent.id }
    sent = await send({ ...which, content, offset, is_last: end === file.size })
    told(file.size === 0 ? 1 : end / file.size)
  } while (!sent.is_complete)
  return sent
}
