import type { ExportedFile } from '@/api/inventory'
import { saveFile } from '@/shared/forms/saveFile'

/** Has the browser keep a file. */
export function keepFile({ file_name, media_type, content }: ExportedFile): void {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0))
  saveFile(file_name, new Blob([bytes], { type: media_type }))
}
