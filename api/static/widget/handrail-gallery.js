/* Handrail, Apache-2.0. With Lit, BSD-3-Clause, Copyright Google LLC. */
"use strict";(()=>{})();
