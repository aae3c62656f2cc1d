#!/usr/bin/env python3
"""Plants small faults in the sources and asks the unit tests to find each.

    python3 tests/mutants/mutants.py                    300 faults, seed 1, all folders
    python3 tests/mutants/mutants.py 60 7 protocol      60 faults, seed 7, below one folder
    python3 tests/mutants/mutants.py --at FILE:LINE ...  every fault at these lines

A fault is a comparison that is off by its bound, an `&&` for an `||`, a number off by one, a
dropped `!`, statement or early way out, or the other truth returned. All are compiled once, in a
copy of the tree below build/mutants, each behind a switch: a program runs with the fault whose
number NETCHAT_MUTANT has. A fault is killed when a test of its folder's unit test programs fails
or does not end, twice. What lives is listed with its line: each is a missing test, or code that
does nothing.

A whole run takes about 15 minutes on two idle cores. It is a tool for people, no part of CI.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True  # the tree stays clean

from places import places_of, plant  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
TREE = WORK / "tree"
BUILD = TREE / "build" / "release"  # the preset's, so that ccache knows what is not mutated

# Which unit test programs answer for a folder of sources; the longest name that fits counts.
PROGRAMS = {
    "protocol": ["protocol/protocol_tests", "protocol/text_form_tests"],
    "modes/net": ["net/net_tests"],
    "modes/store": ["store/store_tests", "store/log_identity_tests"],
    "modes/serve": ["serve/serve_tests"],
    "modes/client": ["client/client_tests"],
    "modes/bot": ["bot/bot_tests"],
    "modes/connect": ["connect/connect_tests"],
    "modes/connect/screen": [f"connect/screen/{name}_tests" for name in (
        "screen", "screen_text", "screen_picture", "screen_terminal", "screen_queue")],
    **{f"harness/{name}": ["harness/harness_tests"] for name in (
        "faults", "journal", "judge", "plan", "report")},
    "harness/simulate": ["simulate/simulate_tests"],
}

SWITCH = """
// Which planted fault is on, and which of them a run came by.
#include <atomic>
#include <cstdio>
#include <cstdlib>

bool netchatMutant(int number);

namespace {

struct Seen {
    std::atomic<bool> numbers[%d];
    ~Seen() {
        const char* path = std::getenv("NETCHAT_MUTANTS_SEEN");
        std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "a");
        if (file == nullptr) return;
        for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
            if (numbers[i]) std::fprintf(file, "%%u\\n", i);
        }
        std::fclose(file);
    }
};

}  // namespace

bool netchatMutant(int number) {
    static Seen seen;
    static const char* text = std::getenv("NETCHAT_MUTANT");
    static const int on = text == nullptr ? -1 : std::atoi(text);
    seen.numbers[number].store(true, std::memory_order_relaxed);
    return number == on;
}
"""


class Mutant:
    def __init__(self, file, place):
        self.file, self.place = file, place
        self.folder = max((f for f in PROGRAMS if file.startswith(f + "/")), key=len)
        self.number = -1
        self.fate = "not built"

    def __str__(self):
        said = " ".join(self.place.said.split())
        said = said if len(said) <= 90 else said[:87] + "..."
        return f"{self.file}:{self.place.line}: {self.place.kind}: {said}  ({self.place.told})"


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                           check=True, capture_output=True).stdout.split("\n")
    return [name for name in names if name and (ROOT / name).is_file()]


def sources(files, below):
    return [f for f in files if f.endswith(".cpp") and any(f.startswith(p + "/") for p in PROGRAMS)
            and (not below or any(f.startswith(b.rstrip("/") + "/") or f == b for b in below))]


def without_overlap(mutants):
    taken, out = {}, []
    for mutant in mutants:
        spans = taken.setdefault(mutant.file, [])
        place = mutant.place
        if all(place.end <= a or b <= place.start for a, b in spans):
            spans.append((place.start, place.end))
            out.append(mutant)
    return out


def choose(files, options):
    if options.at:
        wanted = {(a.rsplit(":", 1)[0], int(a.rsplit(":", 1)[1])) for a in options.at}
        files = sorted({file for file, _ in wanted})
    all_of_them = [Mutant(file, place) for file in files
                   for place in places_of((ROOT / file).read_text())]
    if options.at:
        all_of_them = [m for m in all_of_them if (m.file, m.place.line) in wanted]
        # Small ones first: an `&&` of comparisons hides these.
        all_of_them.sort(key=lambda m: m.place.end - m.place.start)
        return without_overlap(all_of_them)
    random.Random(options.seed).shuffle(all_of_them)
    return without_overlap(all_of_them)[:options.count]


def write(path, text):
    """Only what changed, so that a second build is short."""
    data = text.encode() if isinstance(text, str) else text
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_tree(texts, mutants):
    by_file = {}
    for mutant in mutants:
        by_file.setdefault(mutant.file, []).append((mutant.number, mutant.place))
    for file, whole in texts.items():
        if file in by_file:
            whole = plant(whole.decode(), by_file[file])
        elif file == "protocol/CMakeLists.txt":
            whole = whole.decode().replace("    utf8.cpp", "    utf8.cpp\n    mutant_switch.cpp", 1)
        write(TREE / file, whole)
    write(TREE / "protocol/mutant_switch.cpp", SWITCH % (1 + max(m.number for m in mutants)))


def build(files, mutants, jobs):
    """What does not compile is left out: the places are found by tokens, not by types."""
    env = dict(os.environ, CCACHE_BASEDIR=str(TREE), CCACHE_NOHASHDIR="1")
    configure = ["cmake", "--preset", "release", "-DNETCHAT_TESTS=ON"]
    if shutil.which("ccache"):
        configure.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    if shutil.which("ld.lld"):
        configure.append("-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld")
    targets = sorted({os.path.basename(p) for m in mutants for p in PROGRAMS[m.folder]})
    # Read once: somebody may go on with their work meanwhile.
    texts = {file: (ROOT / file).read_bytes() for file in files}
    for _ in range(6):
        write_tree(texts, mutants)
        subprocess.run(configure, cwd=TREE, check=True, env=env, stdout=subprocess.DEVNULL)
        made = subprocess.run(["ninja", "-C", BUILD, "-k", "0", f"-j{jobs}", *targets],
                              env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if made.returncode == 0:
            return mutants
        wrong = {(os.path.normpath(BUILD / name), int(line)) for name, line in re.findall(
            r"^([^\s:]+\.cpp):(\d+):\d+: (?:fatal )?error:", made.stdout, re.MULTILINE)}
        bad = [m for m in mutants
               if any(str(TREE / m.file) == name and
                      m.place.line <= line <= m.place.line + m.place.said.count("\n")
                      for name, line in wrong)]
        if not bad:
            errors = [line for line in made.stdout.split("\n") if " error" in line]
            sys.exit("\n".join(errors[:20] or [made.stdout[-4000:]]) +
                     "\nThe copy does not build.")
        mutants = [m for m in mutants if m not in bad]
    sys.exit("The copy does not build.")


def run(program, number, limit, seen=None, only="*"):
    """Nothing if its tests pass, or the name of the test that fails or does not end."""
    with tempfile.TemporaryDirectory(prefix="netchat-mutant-") as folder:
        env = dict(os.environ, NETCHAT_MUTANT=str(number), TMPDIR=folder, HOME=folder)
        if seen:
            env["NETCHAT_MUTANTS_SEEN"] = str(seen)
        said = tempfile.TemporaryFile()
        child = subprocess.Popen([BUILD / "tests" / program, "--gtest_fail_fast",
                                  f"--gtest_filter={only}"], env=env, cwd=folder,
                                 stdin=subprocess.DEVNULL, stdout=said,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            if child.wait(limit) == 0:
                return None
        except subprocess.TimeoutExpired:
            pass
        finally:
            try:
                os.killpg(child.pid, 9)
            except ProcessLookupError:
                pass
            child.wait()
        said.seek(0)
        told = said.read().decode(errors="replace")
        # The first that failed, or the last that has begun. Those after a failure are only told.
        tests = re.findall(r"\[  FAILED  \] ([\w/.]+)", told)[:1] or \
            re.findall(r"\[ RUN      \] (\S+)", told)[-1:] or ["*"]
        return tests[0]


def killer(program, number, limit):
    """The test that finds the fault, if one does. It must do so twice: on a busy machine a test
    may fail, or take too long, without any fault."""
    test = None
    for _ in range(3):
        test = run(program, number, limit)
        if not test or run(program, number, limit, only=test):
            break
    return test


def baseline(programs):
    """How long each takes without a fault, and which faults it comes by."""
    limits, reached = {}, {}
    for program in programs:
        seen = WORK / "seen.txt"
        seen.unlink(missing_ok=True)
        began = time.monotonic()
        test = run(program, -1, 600, seen) and run(program, -1, 600, seen)
        if test:
            sys.exit(f"{program}: {test} fails without a fault; mend that first")
        limits[program] = 15 + 4 * (time.monotonic() - began)
        reached[program] = {int(n) for n in seen.read_text().split()} if seen.exists() else set()
        print(f"{program}: {limits[program] / 4 - 3.75:.1f} s without a fault", flush=True)
    return limits, reached


def judge(mutant, limits, reached):
    programs = [p for p in PROGRAMS[mutant.folder] if mutant.number in reached[p]]
    mutant.fate = "never run" if not programs else "lives"
    test = next(filter(None, (killer(p, mutant.number, limits[p]) for p in programs)), None)
    if test:
        mutant.fate = "killed"
    print(f"{mutant.fate:9}  {mutant}" + (f"  by {test}" if test else ""), flush=True)


def report(mutants):
    print("\nWhat lives:")
    for mutant in mutants:
        if mutant.fate != "killed":
            print(f"  {mutant}" + ("  [no test comes here]" if mutant.fate == "never run" else ""))
    print(f"\n{'folder':24} {'faults':>6} {'killed':>6}")
    everything, killed = Counter(), Counter()
    for mutant in mutants:
        for name in (mutant.folder, "all"):
            everything[name] += 1
            killed[name] += mutant.fate == "killed"
    for name in [*PROGRAMS, "all"]:
        if everything[name]:
            share = 100 * killed[name] / everything[name]
            print(f"{name:24} {everything[name]:6} {killed[name]:6}  {share:3.0f} %")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=300, metavar="N")
    parser.add_argument("seed", nargs="?", type=int, default=1, metavar="SEED")
    parser.add_argument("below", nargs="*", metavar="FOLDER", help="only sources below these")
    parser.add_argument("--at", nargs="+", metavar="FILE:LINE", help="all faults at these lines")
    parser.add_argument("--list", action="store_true", help="only list the chosen places")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="programs at once")
    options = parser.parse_args()
    # A shell's background job ignores these, and the tests would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    files = tracked()
    mutants = choose(sources(files, options.below), options)
    for number, mutant in enumerate(mutants):
        mutant.number = number
    if options.list or not mutants:
        print("\n".join(map(str, mutants)) or "no place found")
        return
    print(f"{len(mutants)} faults, seed {options.seed}; building", flush=True)
    built = build(files, mutants, options.jobs)
    print(f"{len(built)} compile", flush=True)
    limits, reached = baseline(sorted({p for m in built for p in PROGRAMS[m.folder]}))
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda m: judge(m, limits, reached), built))
    report(built)


if __name__ == "__main__":
    main()
