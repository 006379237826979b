import { uploadPiece, type Scope, type UploadedFile } from '@/api/jobs'
import { base64Of } from '@/shared/text/base64'

/** Bytes of a piece: in Base64 they stay below what the gateway takes. */
export const PIECE = 4 * 1024 * 1024

/** Uploads a file piece by piece; `told` hears which share has gone. */
export async function upload(system: string, scope: Scope, file: File, told: (share: number) => void): Promise<UploadedFile> {
  let sent: UploadedFile | undefined
  do {
    const offset: number = sent?.size ?? 0
    const end = Math.min(offset + PIECE, file.size)
    const content = await base64Of(file.slice(offset, end))
    const which = sent === undefined ? { file_name: file.name } : { id: sent.id }
    sent = await uploadPiece(system, scope, { ...which, content, offset, is_last: end === file.size })
    told(file.size === 0 ? 1 : end / file.size)
  } while (!sent.is_complete)
  return sent
}
