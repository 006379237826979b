import type { ExportedFile } from '@/api/inventory'

/** Has the browser keep a file. */
export function keepFile({ file_name, media_type, content }: ExportedFile): void {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0))
  const address = URL.createObjectURL(new Blob([bytes], { type: media_type }))
  const link = document.createElement('a')
  link.href = address
  link.download = file_name
  link.click()
  URL.revokeObjectURL(address)
}
