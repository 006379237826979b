// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { takeUpStylesheets } from './stylesheets'

describe('stylesheets that hold up nothing', () => {
  it('hold for the screen once they have come, or can not be had', async () => {
    document.head.innerHTML = '<link rel="stylesheet" media="print" href="/a.css"><link rel="stylesheet" media="print" href="/b.css">'
    const [first, second] = [...document.querySelectorAll('link')]
    const ready = takeUpStylesheets(document)
    expect([first?.media, second?.media]).toEqual(['print', 'print'])
    first?.dispatchEvent(new Event('load'))
    second?.dispatchEvent(new Event('error'))
    await ready
    expect([first?.media, second?.media]).toEqual(['all', 'all'])
  })

  it('are none where the page was served for development', async () => {
    document.head.innerHTML = '<link rel="icon" href="/icon.svg">'
    await expect(takeUpStylesheets(document)).resolves.toBeUndefined()
  })
})
