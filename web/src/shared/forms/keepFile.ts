import type { InjectionKey } from 'vue'
import type { FormFile } from '@/api/types'

/**
 * Keeps a file that was picked in a form, where the form says so for one `business` and with `headers`; `told` hears which share
 * has gone.
 */
export type KeepFile = (file: File, told: (share: number) => void, business?: number, headers?: Record<string, string>) => Promise<FormFile>

/** Where a form stands in a project, how its files are kept. */
export const KEEP_FILE: InjectionKey<KeepFile> = Symbol('keep file')
