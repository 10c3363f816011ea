import { Access } from '../access/access.decorator.ts';
import { All, Controller, Header, HttpCode } from '@nestjs/common';

/** `/` answers 200 without a body, as distribution does: load balancers and charts probe it. */
@Controller()
export class AliveController {
  @All()
  @Access('alive')
  @HttpCode(200)
  @Header('cache-control', 'no-cache')
  alive(): string {
    return '';
  }
}
