import createPurifier from 'dompurify'
import MarkdownIt from 'markdown-it'

const renderer = new MarkdownIt({ html: false, linkify: true, typographer: false })
const purifier = createPurifier(window)

// A link in somebody's README must neither steer our window nor learn where it was opened.
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank')
    node.setAttribute('rel', 'noopener noreferrer nofollow')
  }
})

/** Markdown as a fragment that is safe to put into the page: no HTML of the author's, no script, no foreign pictures. */
export function renderMarkdown(source: string): DocumentFragment {
  return purifier.sanitize(renderer.render(source), {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'img', 'video', 'audio', 'iframe'],
    FORBID_ATTR: ['style', 'id', 'name'],
  })
}
