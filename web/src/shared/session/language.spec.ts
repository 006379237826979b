// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest'

async function fresh(browser: string): Promise<typeof import('./language')> {
  vi.resetModules()
  vi.spyOn(navigator, 'language', 'get').mockReturnValue(browser)
  return import('./language')
}

beforeEach(() => {
  localStorage.clear()
})

describe('the language of the console', () => {
  it('is what the browser asks for while neither person nor account has one', async () => {
    const { adoptLanguage, language } = await fresh('zh-CN')
    adoptLanguage(null)
    expect(language.value).toBe('zh')
  })

  it('is that of the account where one was chosen for it', async () => {
    const { adoptLanguage, language } = await fresh('zh-CN')
    adoptLanguage('en')
    expect(language.value).toBe('en')
  })

  it('is what was chosen in this browser, whatever the account has', async () => {
    const { adoptLanguage, chooseLanguage, language } = await fresh('zh-CN')
    chooseLanguage('en')
    adoptLanguage('zh')
    expect(language.value).toBe('en')
    expect((await fresh('zh-CN')).language.value).toBe('en')
  })

  it('stays chosen where the browser asks for the same today', async () => {
    (await fresh('en-GB')).chooseLanguage('en')
    expect((await fresh('zh-CN')).language.value).toBe('en')
  })

  it('is left to the browser again', async () => {
    const { chooseLanguage, language } = await fresh('zh-CN')
    chooseLanguage('en')
    chooseLanguage(null)
    expect(language.value).toBe('zh')
    expect((await fresh('en-GB')).language.value).toBe('en')
  })
})
