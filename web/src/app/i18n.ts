import { createI18n } from 'vue-i18n'
import { watch } from 'vue'
import { language } from '@/shared/session/language'
import { messagesOf } from './messages'

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: 'en',
  messages: { en: messagesOf('en'), zh: messagesOf('zh') },
})

watch(
  language,
  (chosen) => {
    i18n.global.locale.value = chosen
    document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
  },
  { immediate: true },
)
