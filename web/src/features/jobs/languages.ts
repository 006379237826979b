/** Numbers of the languages of scripts, the usual ones first; `jobs.languages` names them. */
export const LANGUAGES = [1, 4, 3, 5, 2] as const
