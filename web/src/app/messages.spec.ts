import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { messagesOf, namespaceOf } from './messages'

function keys(messages: object, prefix = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? keys(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}
function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))].sort()
}
function at(messages: object, key: string): unknown {
  return key.split('.').reduce<unknown>((found, part) => (found as Record<string, unknown> | undefined)?.[part], messages)
}
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.spec.ts') ? [path] : []
  })
}

const en = messagesOf('en')
const zh = messagesOf('zh')

describe('messages', () => {
  it('exist in both languages under the same keys', () => {
    expect(keys(zh).sort()).toEqual(keys(en).sort())
    expect(keys(en).length).toBeGreaterThan(200)
  })

  it('are nowhere empty', () => {
    for (const messages of [en, zh]) expect(keys(messages).filter((key) => String(at(messages, key)).trim() === '')).toEqual([])
  })

  it('name the same values in both languages', () => {
    // The English plural of one form may say "one" where the Chinese has the number.
    const differing = keys(en).filter((key) => {
      const chinese = placeholders(String(at(zh, key)))
      const english = placeholders(String(at(en, key)))
      return chinese.join() !== english.join()
    })
    expect(differing).toEqual([])
  })

  it('say in the singular what is one', () => {
    const neverOne = ['account.forDays', 'applications.none.ending', 'insight.days', 'shared.script.tooManyRows']
    const ofOne = (text: string): string => {
      const forms = text.split(' | ')
      return forms[forms.length === 3 ? 1 : 0] ?? ''
    }
    const plural = keys(en).filter((key) => /(?<!evision )\{(n|count)\} \w+s\b/.test(ofOne(String(at(en, key)))))
    expect(plural.sort()).toEqual(neverOne)
  })

  it('are all there that a page asks for by a fixed key', () => {
    const known = new Set(keys(en))
    const asked = sources('src').flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bt\('([\w.]+)'|title: '([\w]+\.[\w.]+)'|label: '(app\.[\w.]+)'/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
    )
    expect(asked.length).toBeGreaterThan(150)
    expect(asked.filter((key) => !known.has(key))).toEqual([])
  })
})

describe('namespaceOf', () => {
  it.each([
    ['../features/tasks/locales/en.json', 'tasks'],
    ['../features/sign-in/locales/zh.json', 'signIn'],
    ['../shared/locales/en.json', 'shared'],
    ['./locales/en.json', 'app'],
  ])('of %s is %s', (path, name) => {
    expect(namespaceOf(path)).toBe(name)
  })
})
