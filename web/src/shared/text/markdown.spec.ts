// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { renderMarkdown } from './markdown'

function html(source: string): string {
  const holder = document.createElement('div')
  holder.append(renderMarkdown(source))
  return holder.innerHTML
}

describe('renderMarkdown', () => {
  it('renders headings, tables and code', () => {
    expect(html('# Find host')).toContain('<h1>Find host</h1>')
    expect(html('|a|b|\n|-|-|\n|1|2|')).toContain('<td>1</td>')
    expect(html('`df -P`')).toContain('<code>df -P</code>')
  })

  it.each([
    ['<script>alert(1)</script>', '<script'],
    ['<img src=x onerror=alert(1)>', '<img'],
    ['[x](javascript:alert(1))', 'href'],
    ['![x](https://example.org/tracker.png)', '<img'],
    ['<iframe src="https://example.org"></iframe>', '<iframe'],
  ])('lets nothing dangerous of %s through', (source, forbidden) => {
    expect(html(source)).not.toContain(forbidden)
  })

  it('opens links outside, without telling where from', () => {
    const link = html('[docs](https://example.org)')
    expect(link).toContain('target="_blank"')
    expect(link).toContain('rel="noopener noreferrer nofollow"')
  })
})
