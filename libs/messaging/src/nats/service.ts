import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { OciError, type WireOciError } from '@longshore/oci';
import { isTracing, rootSpan, within as withinSpan } from '@longshore/telemetry';
import type { Request } from '../request.ts';
import { Admission } from '../serving/admission.ts';
import { busTimes, type BusTimes } from '../serving/bus-times.ts';
import { Call } from '../serving/call.ts';
import type { AnyHandler } from '../serving/erased.ts';
import { spanAttributes } from '../serving/span-attributes.ts';
import { within } from '../serving/within.ts';
import { pack, type Packed } from '../wire/pack.ts';
import { refusalOf, unanswered } from '../wire/refusal.ts';
import { Answers } from './answers.ts';
import type { AnswerSeal, MessageSeal, OpenedQuestion } from './message-seal.ts';
import { decodeQuestions, encodeAnswers, type ReceivedQuestion } from './message.ts';
import type { NatsConnector } from './nats-connector.ts';
import { cancelSubject, isAnswerSubject, questionSubject } from './subjects.ts';

/** Answers the questions of one subject. Processes that serve the same subject share them (queue group). */
export class Service {
  readonly #connector: NatsConnector;
  readonly #subject: string;
  readonly #servedBy: string;
  readonly #handler: AnyHandler;
  readonly #admission: Admission;
  readonly #times: BusTimes;
  /** Set if the contract is confidential. */
  readonly #seal: MessageSeal | undefined;
  readonly #calls = new Map<string, readonly Call[]>();
  #subscriptions: Subscription[] = [];

  constructor(
    connector: NatsConnector,
    { subject, servedBy, limits }: Request<never, unknown>,
    handler: AnyHandler,
    seal: MessageSeal | undefined,
  ) {
    this.#connector = connector;
    this.#subject = subject;
    this.#servedBy = servedBy;
    this.#handler = handler;
    this.#admission = new Admission(limits);
    this.#seal = seal;
    this.#times = busTimes(connector.metrics, 'busAnswers');
  }

  /** Subscribes. The connector reports a subscription that NATS refuses. */
  open(connection: NatsConnection): void {
    this.#subscriptions = [
      // No queue group: any process may have the question.
      connection.subscribe(cancelSubject(this.#subject), {
        callback: (error, message) => {
          if (error === null) this.#cancel(message);
        },
      }),
      connection.subscribe(questionSubject(this.#subject), {
        queue: this.#subject,
        callback: (error, message) => {
          if (error === null) this.#receive(message);
        },
      }),
    ];
  }

  /** Takes no new questions and finds answers to the accepted ones. */
  async drain(): Promise<void> {
    const [cancels, questions] = this.#subscriptions;
    // Draining needs the server, which may be disconnected.
    if (questions !== undefined && !(await within(2_000, questions.drain()))) questions.unsubscribe();
    await this.#admission.drained();
    cancels?.unsubscribe();
  }

  #receive(message: Msg): void {
    const { reply } = message;
    if (reply === undefined || reply === '') return;
    // NATS would refuse the answer, and this service would count as lacking a permission.
    if (!isAnswerSubject(reply, this.#servedBy)) {
      this.#connector.log.warn({ subject: this.#subject }, 'a question wants its answer where none may go');
      return;
    }
    if (this.#seal === undefined) this.#read(message.data, reply);
    else this.#open(this.#seal.open(message.data, { subject: this.#subject, reply }), reply);
  }

  #open(opened: OpenedQuestion, reply: string): void {
    const { log } = this.#connector;
    const subject = this.#subject;
    if (opened.verdict === 'authentic') {
      this.#read(opened.frame, reply, opened.answers);
    } else if (opened.verdict === 'stale') {
      log.error(
        { subject },
        'a question is more than a minute old or ahead: a replay, or the clocks of the services differ',
      );
      this.#refuse(reply, unanswered('the clocks of two services differ'), opened.answers);
    } else if (opened.verdict === 'replayed') {
      log.error({ subject }, 'a question came twice: somebody replays what crosses the bus');
    } else {
      const asker = /^_INBOX_([^.]+)/.exec(reply)?.[1];
      log.error(
        { subject },
        `a question is not sealed as ours: is services.secret the same here and in ${asker}?`,
      );
      // The asker cannot open this refusal either, but it ends its wait.
      this.#refuse(reply, unanswered('the question cannot be read'));
    }
  }

  #read(frame: Uint8Array, reply: string, seal?: AnswerSeal): void {
    try {
      this.#answer(reply, decodeQuestions(frame), seal);
    } catch (err) {
      this.#connector.log.warn({ err, subject: this.#subject }, 'a question is malformed');
      this.#refuse(reply, new OciError('UNKNOWN', { reason: 'the question is malformed' }), seal);
    }
  }

  /** Refuses all questions of a message, which count as one: their number cannot be read. */
  #refuse(reply: string, refusal: OciError, seal?: AnswerSeal): void {
    this.#times(this.#subject, refusal.code, performance.now());
    const frame = encodeAnswers([{ index: -1, content: refusal.toWire() }]);
    this.#connector.held?.publish(reply, seal?.seal(frame) ?? frame);
  }

  #answer(reply: string, questions: readonly ReceivedQuestion[], seal: AnswerSeal | undefined): void {
    const complete = () => void this.#calls.delete(reply);
    const answers = new Answers(this.#connector, reply, { questions: questions.length, complete, seal });
    const began = performance.now();
    const ended = (outcome: string) => {
      this.#times(this.#subject, outcome, began);
      answers.ended();
    };
    const calls = questions.map(({ budgetMs }) => new Call(budgetMs, ended));
    this.#calls.set(reply, calls);
    for (const [index, call] of calls.entries()) {
      const question = questions[index];
      if (question === undefined) continue;
      const admitted = this.#admission.admit(call, async () => {
        const answer = await this.#handle(question, call);
        call.outcome = 'text' in answer ? 'ok' : (answer.entries[0]?.code ?? 'UNKNOWN');
        answers.add(index, answer);
      });
      if (admitted) continue;
      answers.add(index, unanswered('overloaded').toWire());
      call.end();
    }
  }

  async #handle(received: ReceivedQuestion, call: Call): Promise<Packed | WireOciError> {
    try {
      return pack(await this.#run(received, call));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) return refusal.toWire();
      // Handlers throw arbitrary errors after their signal is aborted, and the asker no longer waits.
      if (call.over) return unanswered('deadline').toWire();
      this.#connector.log.error({ err: error, subject: this.#subject }, 'a handler failed');
      return new OciError('UNKNOWN').toWire();
    }
  }

  #run({ question, trace }: ReceivedQuestion, call: Call): Promise<unknown> {
    if (trace === undefined || !isTracing()) return this.#handler(question, call);
    const span = rootSpan(`answer ${this.#subject}`, {
      kind: 'server',
      continues: trace,
      attributes: spanAttributes('nats', this.#subject),
    });
    return withinSpan(span, () => this.#handler(question, call));
  }

  #cancel(message: Msg): void {
    const [reply = '', index] = message.string().split(' ');
    this.#calls.get(reply)?.[Number(index)]?.cancel(new Error('the asker gave up'));
  }
}
