#include "harness/postgres/pair.h"

#include <fcntl.h>
#include <stdlib.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/postgres/free_port.h"
#include "modes/descriptor.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 2> kNames = {"node_a", "node_b"};
constexpr int64_t kLookMs = 20;
constexpr off_t kFillBytes = 1 << 26, kPageBytes = 4'096;

}  // namespace

Result<std::unique_ptr<PostgresPair>> PostgresPair::start(const Options& options) {
    auto programs = PostgresPrograms::find();
    if (!programs) return programs.error();
    std::unique_ptr<PostgresPair> pair(new PostgresPair(std::move(*programs)));
    if (auto status = pair->begin(options); !status) return status.error();
    return pair;
}

Status PostgresPair::makeFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "netchat-postgres-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) {
        return Error{ErrorCode::NoRoom, "no temporary folder can be made in " + name};
    }
    // As /proc names it.
    folder_ = fs::canonical(name, error);
    if (auto status = janitor_.start(folder_, {kNames[0], kNames[1]}); !status) return status;
    return programs_.makeFolder(folder_);
}

Status PostgresPair::begin(const Options& options) {
    if (auto status = makeFolder(); !status) return status;
    const auto ports = freePorts();
    if (!ports) return ports.error();
    for (size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i] = std::make_unique<PostgresNode>(
            programs_, PostgresNode::Settings{.name = kNames[i],
                                              .folder = folder_ / kNames[i],
                                              .port = (*ports)[i],
                                              .otherPort = (*ports)[1 - i],
                                              // Both: after a promotion the other one counts.
                                              .synchronous = std::string("ANY 1 (") + kNames[0] +
                                                             ", " + kNames[1] + ")",
                                              .fsync = options.fsync,
                                              .diskBytes = options.diskBytes});
        if (auto status = nodes_[i]->makeFolders(); !status) return status;
    }
    if (auto status = primary().initialise(); !status) return status;
    if (auto status = standby().copyFrom(primary()); !status) return status;
    for (auto& node : nodes_) {
        if (auto status = node->launch(); !status) return status;
    }
    for (auto& node : nodes_) {
        if (auto status = node->waitUntilAnswering(); !status) return status;
    }
    return waitForStandby();
}

Status PostgresPair::waitForStandby() {
    return primary().waitFor(
        "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND "
        "sync_state IN ('sync', 'quorum') AND application_name = '" +
            standby().name() + "'",
        "1");
}

Status PostgresPair::stop() {
    // The primary first: it hands everything on before it ends.
    const Status first = primary().stop();
    const Status second = standby().stop();
    return first ? second : first;
}

void PostgresPair::killPrimary() {
    primary().kill();
}

void PostgresPair::killStandby() {
    standby().kill();
}

Status PostgresPair::promoteStandby() {
    const auto promoted = standby().ask("SELECT pg_promote(true, 30)");
    if (!promoted) return standby().failed("it was not promoted: " + promoted.error().text);
    if (*promoted != "t") return standby().failed("it was not promoted");
    primary_ = 1 - primary_;
    return Ok{};
}

Status PostgresPair::rebuild() {
    standby().kill();
    if (auto status = standby().backUpOther(); !status) return status;
    return startStandby();
}

Status PostgresPair::stopStandby() {
    return standby().stop();
}

Status PostgresPair::startStandby() {
    if (auto status = standby().start(); !status) return status;
    return waitForStandby();
}

Status PostgresPair::restartPrimary() {
    primary().kill();
    if (auto status = primary().start(); !status) return status;
    return waitForStandby();
}

// Reserved, not written: that is done before anybody has said much more.
Status PostgresPair::fillDisk() {
    std::error_code error;
    loggedBefore_ = static_cast<std::streamoff>(fs::file_size(primaryLog(), error));
    const fs::path filler = primary().disk() / "filler";
    const Descriptor file(::open(filler.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return Error{ErrorCode::Internal, filler.string() + " cannot be written"};
    off_t size = 0;
    for (off_t piece = kFillBytes; piece >= kPageBytes; piece /= 2) {
        while (::fallocate(file.get(), 0, size, piece) == 0) size += piece;
    }
    return Ok{};
}

void PostgresPair::waitUntilFull(int64_t timeoutMs) {
    const int64_t deadline = net::monotonicMs() + timeoutMs;
    for (; net::monotonicMs() < deadline; pause(kLookMs)) {
        std::ifstream in(primaryLog(), std::ios::binary);
        in.seekg(loggedBefore_);
        const std::string text(std::istreambuf_iterator<char>(in), {});
        if (text.find("No space left on device") != text.npos) return;
    }
}

void PostgresPair::pause(int64_t ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

Status PostgresPair::freeDisk() {
    std::error_code error;
    fs::remove(primary().disk() / "filler", error);
    if (error) return Error{ErrorCode::Internal, "filler: " + error.message()};
    return Ok{};
}

std::array<uint16_t, 2> PostgresPair::ports() const {
    return {nodes_[0]->port(), nodes_[1]->port()};
}

std::string PostgresPair::uri() const {
    return uri(ports());
}

std::string PostgresPair::uri(const std::array<uint16_t, 2>& ports) {
    return "postgresql://netchat@127.0.0.1:" + std::to_string(ports[0]) +
           ",127.0.0.1:" + std::to_string(ports[1]) + "/netchat?target_session_attrs=read-write";
}

}  // namespace netchat::harness
