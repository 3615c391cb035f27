import { ElMessage, ElMessageBox, ElNotification } from 'element-plus';
import { ApiError } from './api/api-error.ts';
import { errorText } from './error-text.ts';
import { textsOf } from './i18n.ts';

const show = (type: 'success' | 'warning' | 'info' | 'error', message: string, duration: number) =>
  ElMessage({ type, message, duration, showClose: duration > 3_000, grouping: true });

/** A short line at the top that goes away by itself; screen readers hear it. */
export const notify = {
  success: (text: string): void => void show('success', text, 2_500),
  info: (text: string): void => void show('info', text, 3_000),
  warning: (text: string): void => void show('warning', text, 5_000),
  /** A text, or whatever was caught. An abort of the caller's own is not an error and shows nothing. */
  error(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    if (!ApiError.is(error) && typeof error !== 'string') console.error(error);
    show('error', typeof error === 'string' ? error : errorText(error), 6_000);
  },
  /** A card that stays until it is clicked or closed. Returns its close. */
  card(options: { title: string; text?: string; onClick?: () => void; duration?: number }): () => void {
    const handle = ElNotification({
      title: options.title,
      message: options.text ?? '',
      duration: options.duration ?? 0,
      position: 'bottom-right',
      onClick: () => {
        options.onClick?.();
        handle.close();
      },
    });
    return () => handle.close();
  },
};

/** Asks before something that cannot be undone. True only when the user confirmed; the safe button has the focus. */
export async function confirmDanger(options: {
  title: string;
  text: string;
  /** What the red button says, such as “Delete”. */
  confirm?: string;
  cancel?: string;
}): Promise<boolean> {
  const { t } = textsOf(null);
  try {
    await ElMessageBox.confirm(options.text, options.title, {
      type: 'warning',
      confirmButtonText: options.confirm ?? t('common.confirm'),
      cancelButtonText: options.cancel ?? t('common.cancel'),
      confirmButtonClass: 'el-button--danger',
      autofocus: false,
      customClass: 'jf-confirm',
    });
    return true;
  } catch {
    return false;
  }
}
