#include "modes/store/log_start.h"

#include <cstdio>

#include "protocol/labelled_line.h"

namespace netchat::store {

namespace {

constexpr std::string_view kRunMark = "netchat-run\tversion:1";
constexpr std::string_view kMarkMark = "netchat-mark\tversion:1";
// What comes before the last line fits into it, and the rest is spaces.
constexpr size_t kHeadBytes = 220;

std::string entries(uint64_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

constexpr char kAsk[] =
    "; clients that have read further will read again from the last common message";

}  // namespace

std::string runText(const LogRun& run) {
    return std::string(kRunMark) + "\ttoken:" + run.token + "\tboot:" + run.boot +
           "\tlog:" + std::to_string(run.logInode) + "\n";
}

std::optional<LogRun> parseRun(std::string_view text) {
    if (!text.starts_with(kRunMark) || !text.ends_with('\n')) return {};
    text.remove_suffix(1);
    LogRun run;
    const auto token = valueOf(text, "token:"), boot = valueOf(text, "boot:");
    const auto inode = numberOf(text, "log:");
    if (!token || token->empty() || !boot || !inode) return {};
    run.logInode = *inode;
    run.token = *token;
    run.boot = *boot;
    return run;
}

size_t markLastLineOffset() {
    return kHeadBytes;
}

std::string markLastLine(uint64_t total, bool clean) {
    return "last\ttotal:" + paddedNumber(total) + "\tclean:" + (clean ? "1" : "0") + "\n";
}

std::string markText(const LogMark& mark) {
    std::string head = std::string(kMarkMark) + "\ttoken:" + mark.token +
                       "\trun:" + std::to_string(mark.runInode) +
                       "\tchanged:" + std::to_string(mark.runChangedNs) +
                       "\tidentity:" + mark.identity + "\tend:";
    head.resize(kHeadBytes - 1, ' ');
    return head + "\n" + markLastLine(mark.total, mark.clean);
}

std::optional<LogMark> parseMark(std::string_view text) {
    if (!text.starts_with(kMarkMark) || text.size() != markText({}).size()) return {};
    if (text[kHeadBytes - 1] != '\n' || !text.ends_with('\n')) return {};
    const std::string_view head = text.substr(0, kHeadBytes - 1);
    const std::string_view last = text.substr(kHeadBytes, text.size() - kHeadBytes - 1);
    LogMark mark;
    const auto token = valueOf(head, "token:"), identity = valueOf(head, "identity:");
    const auto inode = numberOf(head, "run:");
    const auto changedNs = numberOf<int64_t>(head, "changed:");
    const auto total = numberOf(last, "total:"), clean = numberOf(last, "clean:");
    const bool whole = token && identity && !token->empty() && inode && changedNs && total;
    if (!whole || !clean || *clean > 1) return {};
    mark.token = *token;
    mark.identity = *identity;
    mark.runInode = *inode;
    mark.runChangedNs = *changedNs;
    mark.total = *total;
    mark.clean = *clean == 1;
    return mark;
}

uint64_t missingEntries(const LogFound& found) {
    const bool known = found.run && found.mark && found.mark->token == found.run->token;
    return known && found.mark->total > found.total ? found.mark->total - found.total : 0;
}

LogVerdictAtStart judgeStart(const LogFound& found) {
    LogVerdictAtStart verdict;
    verdict.lost = missingEntries(found);
    if (verdict.lost > 0) {
        verdict.text = "the log has lost its last " + entries(verdict.lost) + ": it had " +
                       std::to_string(found.mark->total) + ", and has " +
                       std::to_string(found.total) +
                       " (an older copy, or a truncated write-ahead log)" + kAsk;
        return verdict;
    }
    // The first start, or the first of a version that gives identities.
    if (found.identity.empty()) return verdict;
    const auto another = [&](const std::string& why) {
        verdict.text = "the log may be a restored copy (" + why + ")" + kAsk;
        return verdict;
    };
    if (!found.run || !found.mark) return another("log.run or log.mark is missing or damaged");
    const LogMark& mark = *found.mark;
    if (mark.token != found.run->token) return another("log.mark and log.run are of two runs");
    if (mark.runInode != found.runInode) return another("log.run was replaced");
    if (mark.runChangedNs != found.runChangedNs) {
        return another("log.run was written since, or its owner or mode was changed");
    }
    if (found.run->logInode != found.logInode) return another("log.sqlite is another file");
    if (mark.identity != found.identity) return another("log.sqlite is of another run");
    const bool seen = found.witness && found.witness->token == found.run->token;
    if ((found.witness && !seen) || (seen && found.witness->total > found.total)) {
        return another("its disk was restored");
    }
    // What was not on the disk is gone, of the mark as well.
    const bool sameBoot = !found.boot.empty() && found.boot == found.run->boot;
    verdict.intact = mark.clean || sameBoot;
    verdict.same = verdict.intact && seen;
    if (!verdict.intact) {
        verdict.text =
            "the machine stopped while the server was running: messages of the last seconds may be "
            "missing, unless the durability was disk";
    }
    return verdict;
}

}  // namespace netchat::store
