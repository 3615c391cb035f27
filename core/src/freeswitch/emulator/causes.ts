/** Hangup causes, their Q.850 numbers, and the SIP status each way (traces 02 and 05). */

const q850: Record<string, number> = {
  NONE: 0,
  UNSPECIFIED: 0,
  UNALLOCATED_NUMBER: 1,
  NO_ROUTE_TRANSIT_NET: 2,
  NO_ROUTE_DESTINATION: 3,
  CHANNEL_UNACCEPTABLE: 6,
  CALL_AWARDED_DELIVERED: 7,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  SUBSCRIBER_ABSENT: 20,
  CALL_REJECTED: 21,
  NUMBER_CHANGED: 22,
  REDIRECTION_TO_NEW_DESTINATION: 23,
  EXCHANGE_ROUTING_ERROR: 25,
  DESTINATION_OUT_OF_ORDER: 27,
  INVALID_NUMBER_FORMAT: 28,
  FACILITY_REJECTED: 29,
  NORMAL_UNSPECIFIED: 31,
  NORMAL_CIRCUIT_CONGESTION: 34,
  NETWORK_OUT_OF_ORDER: 38,
  NORMAL_TEMPORARY_FAILURE: 41,
  SWITCH_CONGESTION: 42,
  REQUESTED_CHAN_UNAVAIL: 44,
  BEARERCAPABILITY_NOTAUTH: 57,
  SERVICE_UNAVAILABLE: 63,
  CHAN_NOT_IMPLEMENTED: 66,
  SERVICE_NOT_IMPLEMENTED: 79,
  INCOMPATIBLE_DESTINATION: 88,
  RECOVERY_ON_TIMER_EXPIRE: 102,
  INTERWORKING: 127,
  ORIGINATOR_CANCEL: 487,
  CRASH: 500,
  SYSTEM_SHUTDOWN: 501,
  LOSE_RACE: 502,
  MANAGER_REQUEST: 503,
  BLIND_TRANSFER: 600,
  ATTENDED_TRANSFER: 601,
  ALLOTTED_TIMEOUT: 602,
  USER_CHALLENGE: 603,
  MEDIA_TIMEOUT: 604,
  PICKED_OFF: 605,
  USER_NOT_REGISTERED: 606,
  PROGRESS_TIMEOUT: 607,
  INVALID_GATEWAY: 608,
  GATEWAY_DOWN: 609,
  INVALID_URL: 610,
  INVALID_PROFILE: 611,
  NO_PICKUP: 612,
};

export function isCause(name: string): boolean {
  return Object.hasOwn(q850, name);
}

/** `variable_hangup_cause_q850`: numbers above 127 are FreeSWITCH's own, and are reported as 16. */
export function q850Of(cause: string): number {
  const number = q850[cause] ?? 16;
  return number > 127 ? 16 : number;
}

export function causeOfQ850(number: number): string {
  for (const [name, value] of Object.entries(q850)) if (value === number && number > 0) return name;
  return 'NORMAL_UNSPECIFIED';
}

/** What a final SIP answer of the far end means. */
export function causeOfSip(status: number): string {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 407:
    case 603:
    case 608:
      return 'CALL_REJECTED';
    case 404:
      return 'UNALLOCATED_NUMBER';
    case 485:
    case 604:
      return 'NO_ROUTE_DESTINATION';
    case 408:
    case 504:
      return 'RECOVERY_ON_TIMER_EXPIRE';
    case 410:
      return 'NUMBER_CHANGED';
    case 413:
    case 414:
    case 416:
    case 420:
    case 421:
    case 423:
    case 505:
    case 513:
      return 'INTERWORKING';
    case 480:
      return 'NO_USER_RESPONSE';
    case 400:
    case 481:
    case 500:
    case 503:
      return 'NORMAL_TEMPORARY_FAILURE';
    case 486:
    case 600:
      return 'USER_BUSY';
    case 484:
      return 'INVALID_NUMBER_FORMAT';
    case 488:
    case 606:
      return 'INCOMPATIBLE_DESTINATION';
    case 502:
      return 'NETWORK_OUT_OF_ORDER';
    case 405:
      return 'SERVICE_UNAVAILABLE';
    case 406:
    case 415:
    case 501:
      return 'SERVICE_NOT_IMPLEMENTED';
    case 482:
    case 483:
      return 'EXCHANGE_ROUTING_ERROR';
    case 487:
      return 'ORIGINATOR_CANCEL';
    default:
      return 'NORMAL_UNSPECIFIED';
  }
}

/** The status with which an unanswered inbound call is refused. */
export function sipOfCause(cause: string): number {
  switch (cause) {
    case 'UNALLOCATED_NUMBER':
    case 'NO_ROUTE_TRANSIT_NET':
    case 'NO_ROUTE_DESTINATION':
      return 404;
    case 'USER_BUSY':
      return 486;
    case 'NO_USER_RESPONSE':
      return 408;
    case 'NO_ANSWER':
    case 'SUBSCRIBER_ABSENT':
    case 'NORMAL_UNSPECIFIED':
    case 'NORMAL_CLEARING':
      return 480;
    case 'CALL_REJECTED':
      return 603;
    case 'NUMBER_CHANGED':
      return 410;
    case 'DESTINATION_OUT_OF_ORDER':
      return 502;
    case 'INVALID_NUMBER_FORMAT':
      return 484;
    case 'INCOMPATIBLE_DESTINATION':
      return 488;
    case 'NORMAL_CIRCUIT_CONGESTION':
    case 'NORMAL_TEMPORARY_FAILURE':
    case 'SWITCH_CONGESTION':
      return 503;
    case 'ORIGINATOR_CANCEL':
      return 487;
    default:
      return 480;
  }
}
