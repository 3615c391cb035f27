import { type ErrorCode, errorCatalog } from '../errors/index.ts';
import type { Locale } from './contract.ts';

/** The Chinese of the error catalogue; the English stands in the catalogue itself. */
const chinese: Record<ErrorCode, string> = {
  BAD_REQUEST: '请求格式不正确。',
  VALIDATION_FAILED: '部分内容填写有误。',
  NOT_FOUND: '您访问的内容不存在。',
  METHOD_NOT_ALLOWED: '该地址不支持此请求方法。',
  CONFLICT: '该修改与当前状态冲突。',
  RATE_LIMITED: '操作过于频繁，请稍后再试。',
  PAYLOAD_TOO_LARGE: '提交的内容超过了允许的大小。',
  UNSUPPORTED_MEDIA_TYPE: '此处不接受该类型的内容。',
  RANGE_NOT_SATISFIABLE: '文件中没有所请求的范围。',
  INTERNAL: '服务器出现错误，已记录。',
  UNAVAILABLE: '服务尚未就绪，请稍后再试。',
  NOT_SIGNED_IN: '请先登录。',
  BAD_CREDENTIALS: '用户名或密码错误。',
  CAPTCHA_REQUIRED: '请完成滑动验证后重新登录。',
  ACCOUNT_LOCKED: '密码错误次数过多，该账号今日已被锁定。',
  ACCOUNT_DISABLED: '该账号已被禁用，请联系客服开通。',
  FORBIDDEN: '您没有执行此操作的权限。',
  CROSS_SITE: '请求来自其他网站，已拒绝。',
  TENANT_REQUIRED: '此操作需要指定企业，但当前没有。',
  PLUGIN_NOT_ENABLED: '您的企业尚未开通此功能。',
  PLUGIN_NOT_ALLOWED: '您的套餐不包含此插件。',
  PLUGIN_DEPENDENCY: '此插件依赖其他插件，或被其他插件依赖。',
  PLUGIN_INVALID: '插件无效。',
  PLUGIN_ERROR: '插件出现错误。',
  PLUGIN_CIRCUIT_OPEN: '此功能连续出错，暂停使用几分钟。',
  MIGRATION_BLOCKED: '数据库升级未完成。',
  SWITCH_UNREACHABLE: '无法连接语音交换机。',
  SWITCH_AUTH_FAILED: '语音交换机拒绝了密码。',
  SWITCH_TIMEOUT: '语音交换机未及时响应。',
  SWITCH_OVERLOAD: '语音交换机事件过多，无法全部处理。',
  SWITCH_COMMAND_FAILED: '语音交换机拒绝了指令。',
  CALL_ENDED: '通话已结束。',
  CALL_STATE: '当前通话状态不允许此操作。',
};

/** What the code means, for people. An unknown code (of a newer plugin's catalogue) reads as INTERNAL. */
export function errorText(code: string, locale: Locale): string {
  const known: ErrorCode = code in errorCatalog ? (code as ErrorCode) : 'INTERNAL';
  return locale === 'zh-CN' ? chinese[known] : errorCatalog[known].message;
}
