/** Characters of one message at most. */
export const MAX_MESSAGE_LENGTH = 4_000;
/** People in one chat at most, the owner included: each message is put into the stream of each of them. */
export const MAX_CHAT_PEOPLE = 50;
