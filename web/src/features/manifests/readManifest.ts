import type { JsonObject } from '@/api/types'

/** The document in a text of YAML or JSON. Whether it is a good one the server decides. */
export async function readManifest(text: string): Promise<JsonObject> {
  const { parse } = await import('yaml')
  const document: unknown = parse(text)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw new Error('The text is no document of a system.')
  return document as JsonObject
}
