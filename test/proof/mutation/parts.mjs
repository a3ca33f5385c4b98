/**
 * The files to mutate, and the tests that must notice. Each mutant runs every test that reaches it, so fuzz tests and paths
 * through the real runtime are left out: the table tests beside them check the same.
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
      'test/unit/{pool,connection}/{abandoned-requests,dial-plan,examination,link-order,link-order.fence,link-order.spent,order-judge,reuse}.test.ts',
    ],
    except: [],
  },
  operators: {
    mutate: ['src/operators/**/*.ts'],
    tests: ['test/unit/operators/**/*.test.ts'],
    except: [],
  },
};
