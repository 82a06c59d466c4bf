import { Reference, ServiceModel, Shape } from './service-models';

/** Adds what is wrong with a value to `found`; the path is where it stands. */
type Check = (value: unknown, path: string[], found: string[]) => void;

const MOST_SHOWN = 200;

/**
 * What a model says of values, made into functions once for each shape.
 * @see https://smithy.io/2.0/spec/constraint-traits.html
 * @see https://smithy.io/2.0/spec/type-refinement-traits.html
 */
export class Validation {
  private readonly checks = new Map<string, Check>();

  constructor(private readonly model: ServiceModel) {}

  /** One sentence for each fault, in the words of AWS; none where the input is as the model wants it. */
  public faults(input: Readonly<Record<string, unknown>>, shape: Reference | undefined): string[] {
    const found: string[] = [];
    if (shape) {
      this.root(shape.shape)(input, [], found);
    } else if (Object.keys(input).length > 0) {
      found.push(...Object.keys(input).map(name => unknownMember([name])));
    }
    return found;
  }

  /** A body of its own, S3's XML and the payload of an invocation, is no member that could be looked at here. */
  private root(name: string): Check {
    const shape = this.model.shapes[name];
    const body = this.model.metadata.protocol === 'rest-xml'
      ? Object.entries(shape.members ?? {}).filter(([, { location }]) => location === undefined).map(([member]) => member)
      : shape.payload ? [shape.payload] : [];
    return body.length > 0 ? this.known(`${name} without its body`, () => this.structure(without(shape, body))) : this.of(name);
  }

  private of(name: string): Check {
    return this.known(name, () => this.make(this.model.shapes[name]));
  }

  private known(name: string, make: () => Check): Check {
    const known = this.checks.get(name);
    if (known) {
      return known;
    }
    // Shapes contain themselves: the function is there before it is made.
    let made: Check | undefined;
    this.checks.set(name, (value, path, found) => made!(value, path, found));
    made = make();
    this.checks.set(name, made);
    return made;
  }

  private make(shape: Shape): Check {
    if (shape.document) {
      return () => undefined;
    }
    switch (shape.type) {
      case 'structure':
        return this.structure(shape);
      case 'list':
        return this.list(shape);
      case 'map':
        return this.map(shape);
      case 'string':
      case 'character':
        return text(shape);
      case 'blob':
        return typed('a Base64-encoded string', shape, value => typeof value === 'string', value => Buffer.from(value as string, 'base64').length);
      case 'integer':
      case 'long':
        return number(shape, Number.isInteger, 'an integer');
      case 'float':
      case 'double':
        return number(shape, value => typeof value === 'number', 'a number');
      case 'boolean':
        return typed('a boolean', {}, value => typeof value === 'boolean');
      case 'timestamp':
        return typed('a timestamp', {}, value => typeof value === 'number' || (typeof value === 'string' && value !== ''));
    }
  }

  private structure(shape: Shape): Check {
    const members = new Map(Object.entries(shape.members ?? {}).map(([name, { shape: member }]) => [name, this.of(member)]));
    const required = shape.required ?? [];
    return (value, path, found) => {
      if (!isObject(value)) {
        found.push(wrongType('a structure', path));
        return;
      }
      for (const name of required) {
        if (value[name] === undefined || value[name] === null) {
          found.push(`Value null at '${at([...path, name])}' failed to satisfy constraint: Member must not be null`);
        }
      }
      for (const name of Object.keys(value)) {
        const member = value[name];
        // As in AWS, where null is the same as absent.
        if (member === undefined || member === null) {
          continue;
        }
        path.push(name);
        const check = members.get(name);
        if (check) {
          check(member, path, found);
        } else {
          found.push(unknownMember(path));
        }
        path.pop();
      }
    };
  }

  private list(shape: Shape): Check {
    const member = this.of(shape.member!.shape);
    return (value, path, found) => {
      if (!Array.isArray(value)) {
        found.push(wrongType('a list', path));
        return;
      }
      lengthFaults(shape, value.length, value, path, found);
      value.forEach((each, index) => {
        path.push(String(index + 1), 'member');
        member(each, path, found);
        path.splice(-2);
      });
    };
  }

  private map(shape: Shape): Check {
    const [key, entry] = [this.of(shape.key!.shape), this.of(shape.value!.shape)];
    return (value, path, found) => {
      if (!isObject(value)) {
        found.push(wrongType('a map', path));
        return;
      }
      const names = Object.keys(value);
      lengthFaults(shape, names.length, value, path, found);
      for (const name of names) {
        path.push(name, 'member');
        key(name, path, found);
        if (value[name] !== null && value[name] !== undefined) {
          entry(value[name], path, found);
        }
        path.splice(-2);
      }
    };
  }
}

function without(shape: Shape, body: readonly string[]): Shape {
  return {
    ...shape,
    members: Object.fromEntries(Object.entries(shape.members ?? {}).filter(([name]) => !body.includes(name))),
    required: shape.required?.filter(name => !body.includes(name)),
  };
}

function text(shape: Shape & { readonly sensitive?: boolean }): Check {
  const pattern = shape.pattern === undefined ? undefined : regular(shape.pattern);
  const values = shape.enum && new Set(shape.enum);
  return (value, path, found) => {
    if (typeof value !== 'string') {
      found.push(wrongType('a string', path));
      return;
    }
    const shown = shape.sensitive ? undefined : value;
    if (values && !values.has(value)) {
      found.push(constraint(shown, path, `Member must satisfy enum value set: [${shape.enum!.join(', ')}]`));
    }
    if (shape.min !== undefined || shape.max !== undefined) {
      // Characters, not the halves of those beyond the basic plane.
      lengthFaults(shape, /[\ud800-\udfff]/.test(value) ? [...value].length : value.length, shown, path, found);
    }
    if (pattern && !pattern.test(value)) {
      found.push(constraint(shown, path, `Member must satisfy regular expression pattern: ${shape.pattern}`));
    }
  };
}

function number(shape: Shape, is: (value: unknown) => boolean, what: string): Check {
  return (value, path, found) => {
    if (!is(value)) {
      found.push(wrongType(what, path));
    } else if (shape.min !== undefined && (value as number) < shape.min) {
      found.push(constraint(value, path, `Member must have value greater than or equal to ${shape.min}`));
    } else if (shape.max !== undefined && (value as number) > shape.max) {
      found.push(constraint(value, path, `Member must have value less than or equal to ${shape.max}`));
    }
  };
}

function typed(what: string, shape: Pick<Shape, 'min' | 'max'>, is: (value: unknown) => boolean, size?: (value: unknown) => number): Check {
  return (value, path, found) => {
    if (!is(value)) {
      found.push(wrongType(what, path));
    } else if (size) {
      lengthFaults(shape, size(value), undefined, path, found);
    }
  };
}

function lengthFaults({ min, max }: Pick<Shape, 'min' | 'max'>, length: number, value: unknown, path: readonly string[], found: string[]): void {
  if (min !== undefined && length < min) {
    found.push(constraint(value, path, `Member must have length greater than or equal to ${min}`));
  }
  if (max !== undefined && length > max) {
    found.push(constraint(value, path, `Member must have length less than or equal to ${max}`));
  }
}

/** Java's regular expressions, which the whole value must match. Those that JavaScript cannot read are not held. */
function regular(pattern: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(`^(?:${pattern})$`, flags);
    } catch {
      // The next way to read it.
    }
  }
  return undefined;
}

function constraint(value: unknown, path: readonly string[], what: string): string {
  const shown = value === undefined ? '' : ` '${String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, MOST_SHOWN)}'`;
  return `Value${shown} at '${at(path)}' failed to satisfy constraint: ${what}`;
}

function wrongType(what: string, path: readonly string[]): string {
  return `Value at '${at(path)}' is not ${what}`;
}

function unknownMember(path: readonly string[]): string {
  return `Unknown member '${at(path)}'`;
}

/** AWS writes `userAttributes.1.member.name`. */
function at(path: readonly string[]): string {
  return path.map(name => name.slice(0, 1).toLowerCase() + name.slice(1)).join('.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
