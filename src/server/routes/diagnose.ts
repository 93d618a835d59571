import { diagnoseAnswer } from '../../app/reportFailure.ts';
import { route } from '../route.ts';
import { answerReading, diagnoseBody } from '../schemas/diagnosis.ts';

export const diagnoseRoutes = [
  route({
    name: 'diagnose',
    method: 'POST',
    path: '/v1/diagnose',
    scope: 'read',
    tag: 'Diagnosis',
    summary: 'Say what a platform’s answer means',
    description: 'Looks nothing up and changes nothing.',
    body: diagnoseBody,
    quoted: 'body',
    answer: answerReading,
    problems: ['unknown_platform'],
    handle: ({ ctx, body }) => {
      const { platform, endpoint, status, headers } = body;
      return diagnoseAnswer(ctx, platform, { endpoint, status, headers, body: body.body });
    },
  }),
];
