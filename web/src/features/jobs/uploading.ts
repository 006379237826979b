import { uploadPiece, type Scope, type UploadedFile } from '@/api/jobs'
import { inPieces } from '@/shared/text/pieces'

/** Uploads a file piece by piece; `told` hears which share has gone. */
export function upload(system: string, scope: Scope, file: File, told: (share: number) => void): Promise<UploadedFile> {
  return inPieces(file, (piece) => uploadPiece(system, scope, piece), told)
}
