#include "harness/bench/workloads.h"

#include <algorithm>
#include <vector>

namespace netchat::harness {

namespace {

using Kind = BenchOptions::Kind;

BenchOptions talk(size_t rooms, size_t senders, size_t receivers, size_t bytes, size_t window) {
    BenchOptions out;
    out.rooms = rooms;
    out.senders = senders;
    out.receivers = receivers;
    out.textBytes = bytes;
    out.window = window;
    return out;
}

BenchOptions paced(size_t receivers, double perSecond) {
    BenchOptions out = talk(1, 1, receivers, 64, 1);
    out.kind = Kind::Paced;
    out.perSecond = perSecond;
    return out;
}

BenchOptions idle(size_t members) {
    BenchOptions out = talk(1, 1, members - 1, 64, 16);
    out.kind = Kind::Idle;
    return out;
}

BenchOptions file(size_t receivers) {
    BenchOptions out = talk(1, 1, receivers, 64, 1);
    out.kind = Kind::Files;
    return out;
}

BenchOptions pacedBesideFiles() {
    BenchOptions out = paced(100, 200);
    out.transfers = 4;
    out.fileBytes = limits::kGiB;
    return out;
}

const std::vector<NamedWorkload>& all() {
    static const std::vector<NamedWorkload> list = {
        {"fan100", "1 sender, 100 receivers, 64 B, window of 64", talk(1, 1, 100, 64, 64)},
        {"fan100w1", "the same, window of 1", talk(1, 1, 100, 64, 1)},
        {"fan1000", "1 sender, 1000 receivers, 128 B, window of 64", talk(1, 1, 1000, 128, 64)},
        {"fan5000", "the same with 5000 receivers", talk(1, 1, 5000, 128, 64)},
        {"fan10000", "the same with 10000 receivers", talk(1, 1, 10'000, 128, 64)},
        {"room1010", "10 senders, 1000 receivers, 128 B, window of 16 each",
         talk(1, 10, 1000, 128, 16)},
        {"rooms1x10", "1 room of 1 sender and 9 receivers, 128 B, window of 16",
         talk(1, 1, 9, 128, 16)},
        {"rooms200x10", "200 such rooms (v2)", talk(200, 1, 9, 128, 16)},
        {"rooms2000x10", "2000 such rooms, or as many as there are descriptors for (v2)",
         talk(2000, 1, 9, 128, 16)},
        {"paced100", "1 sender, 100 receivers, 64 B, 200 messages per second", paced(100, 200)},
        {"chat+files", "the same, first alone, then during four downloads of 1 GiB",
         pacedBesideFiles()},
        {"idle5000", "5000 silent members of one room, then load", idle(5000)},
        {"idle18000", "the same with 18000 members", idle(18'000)},
        {"file4", "files of 64 MiB to 4 receivers", file(4)},
        {"file20", "files of 64 MiB to 20 receivers", file(20)},
    };
    return list;
}

}  // namespace

std::span<const NamedWorkload> namedWorkloads() {
    return all();
}

const NamedWorkload* findWorkload(std::string_view name) {
    const auto found = std::find_if(all().begin(), all().end(), [name](const NamedWorkload& each) {
        return each.name == name;
    });
    return found == all().end() ? nullptr : &*found;
}

}  // namespace netchat::harness
