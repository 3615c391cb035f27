import { useI18n } from '@jackfield/admin-ui/sdk';

/** The name of a reason for a break: of a built-in one in the reader's language, of others as the admin wrote it. */
export function useReasonName(): (reason: string | null) => string {
  const { t, has } = useI18n();
  return (reason) => (reason !== null && has(`reason.${reason}`) ? t(`reason.${reason}`) : (reason ?? ''));
}
