import createPurifier from 'dompurify'

export interface FrameEvent {
  kind: 'event'
  node: number
  type: string
  value: string
  checked: boolean
}
export type SaidByFrame = { kind: 'ready' } | { kind: 'height'; height: number } | FrameEvent

const TYPES = ['click', 'dblclick', 'input', 'change']
const MOST_TEXT = 10_000

/** The document of a frame that shows what a form drew. It may run one file of ours, and load or send nothing at all. */
export function frameDocument(secret: string, origin: string): string {
  const script = `${origin}/form-frame.js`
  const policy = `default-src 'none'; script-src ${script}; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'`
  const style = 'body { margin: 0; padding: 8px 10px; font: 13px/1.6 system-ui, sans-serif; color: #303133; overflow-wrap: anywhere; }'
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${style}</style></head><body></body><script src="${script}" data-secret="${secret}" data-origin="${origin}"></scr` + 'ipt></html>'
}

const purifier = createPurifier(window)
// What a style could load or hide in escapes.
purifier.addHook('uponSanitizeAttribute', (_node, attribute) => {
  if (attribute.attrName === 'style' && /url\(|image|\\|@|\/\*/i.test(attribute.attrValue)) attribute.keepAttr = false
})

/** Markup without anything that runs, loads or leads elsewhere; pictures are part of it or not there. */
export function drawnMarkup(html: string): string {
  return purifier.sanitize(html, {
    USE_PROFILES: { html: true },
    ALLOWED_URI_REGEXP: /^data:image\/(?:png|gif|jpeg|webp);/i,
    FORBID_TAGS: ['form', 'style', 'link', 'meta', 'base', 'iframe', 'video', 'audio', 'source'],
    FORBID_ATTR: ['href', 'action', 'formaction', 'srcset', 'background', 'poster', 'target'],
    ADD_ATTR: ['data-node'],
  })
}

/** What the frame said; null for whatever comes from elsewhere, or has no such shape. */
export function saidByFrame({ source, origin, data }: MessageEvent, frame: Window | null, secret: string): SaidByFrame | null {
  if (frame === null || source !== frame || origin !== 'null') return null
  const said = data as { secret?: unknown; kind?: unknown; height?: unknown; node?: unknown; type?: unknown; value?: unknown; checked?: unknown } | null
  if (typeof said !== 'object' || said === null || said.secret !== secret) return null
  if (said.kind === 'ready') return { kind: 'ready' }
  if (said.kind === 'height') return typeof said.height === 'number' && said.height >= 0 ? { kind: 'height', height: said.height } : null
  if (said.kind !== 'event' || typeof said.node !== 'number' || typeof said.type !== 'string' || !TYPES.includes(said.type)) return null
  return { kind: 'event', node: said.node, type: said.type, value: String(said.value).slice(0, MOST_TEXT), checked: said.checked === true }
}
