/**
 * What is mutated, and the tests that must notice. Fuzzing and the paths through the real runtime are left out where the
 * tables beside them say the same: each mutant costs a run of all that reaches it.
 */
export const parts = {
  machines: {
    mutate: ['machines/**/*.ts'],
    tests: ['test/unit/machines/**/*.test.ts'],
    except: [],
  },
  protocol: {
    mutate: ['src/protocol/**/*.ts'],
    tests: ['test/unit/protocol/**/*.test.ts'],
    except: ['test/unit/protocol/fuzz.test.ts'],
  },
  order: {
    mutate: [
      'src/pool/dial-plan.ts',
      'src/connection/{abandoned-requests,examination,link-order,order-judge,reuse}.ts',
    ],
    tests: [
      'test/unit/{pool,connection}/{abandoned-requests,dial-plan,examination,link-order,link-order.fence,order-judge,reuse}.test.ts',
    ],
    except: [],
  },
  operators: {
    mutate: ['src/operators/**/*.ts'],
    tests: ['test/unit/operators/**/*.test.ts'],
    except: [],
  },
};
