import { expect, it } from 'vitest'
import { LANGUAGES, languageNamed, languageOfScript, modeOf } from './languages'

it('knows languages by several names, and no others', () => {
  expect(['python', 'Bash', 'sh', 'yml', 'html'].map(languageNamed)).toEqual(['python', 'shell', 'shell', 'yaml', 'xml'])
  expect(['cobol', '', undefined, 'constructor', '__proto__'].map(languageNamed)).toEqual(['', '', '', '', ''])
})

it('reads the language of a script in its first line', () => {
  expect(languageOfScript('#!/bin/bash\necho')).toBe('shell')
  expect(languageOfScript('#!/usr/bin/env python3\n')).toBe('python')
  expect(languageOfScript('#! /usr/local/bin/node')).toBe('javascript')
  expect(['echo #!/bin/sh', '', '#!/opt/own'].map(languageOfScript)).toEqual(['', '', ''])
})

it('colours each of its languages', async () => {
  const modes = await Promise.all(LANGUAGES.map(modeOf))
  expect(modes.every((mode) => typeof mode?.token === 'function')).toBe(true)
  expect(await modeOf('toString')).toBeNull()
})
