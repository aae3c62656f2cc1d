// Rooms, users and rulings in a database of PostgreSQL: this server has them alone, or waits until
// it has.

#include <Poco/Net/DNS.h>
#include <unistd.h>

#include <fstream>

#include "modes/net/address.h"
#include "modes/serve/host/server.h"
#include "modes/store/log_identity.h"
#include "modes/store/postgres/postgres_searcher.h"
#include "modes/store/postgres/replicated_files.h"

namespace netchat::serve {

namespace {

namespace fs = std::filesystem;

// Kept with the data: whoever has the folder has it alone, so that a server that comes back does
// not wait for the one that it was.
Result<std::string> nodeIdOf(const fs::path& folder) {
    const fs::path file = folder / "node.id";
    std::string id;
    std::ifstream(file) >> id;
    if (!id.empty()) return id;
    id = store::newLogIdentity();
    std::ofstream out(file, std::ios::trunc);
    out << id << "\n";
    out.close();
    if (out) return id;
    return Error{ErrorCode::BadState, "cannot write " + file.string()};
}

}  // namespace

Status Server::openPostgres() {
    auto id = nodeIdOf(options_.data);
    if (!id) return id.error();
    store::PostgresOptions options;
    options.target = options_.log;
    options.unreplicated = options_.logUnreplicated;
    options.node = {*id, Poco::Net::DNS::hostName() + " (" + net::toText(acceptor_->address()) +
                             ", process " + std::to_string(::getpid()) + ")"};
    options.mark = options_.data / "postgres.mark";
    options.fingerprint = tls_->fingerprint();
    options.tell = [this](const std::string& text) { log_.notice(text); };
    options.isStopping = options_.isStopping;
    const auto target = store::PostgresTarget::parse(options_.log);
    if (!target) return target.error();
    auto files = std::make_unique<store::ReplicatedFiles>(
        std::move(files_), *target,
        store::ReplicatedFiles::Options{options_.storeBytesMax, options.tell});
    replicatedFiles_ = files.get();
    files_ = std::move(files);
    // While it waits, and once more what came last.
    replicatedFiles_->fetch(true);
    auto log = store::PostgresLog::open(std::move(options));
    if (!log) return log.error();
    replicatedFiles_->fetch(false);
    postgres_ = log->get();
    userLog_ = postgres_;
    nickLog_ = postgres_;
    roomLog_ = std::move(*log);
    auto searcher = std::make_unique<store::PostgresSearcher>(*postgres_);
    postgresSearcher_ = searcher.get();
    searcher_ = std::move(searcher);
    postgresPort_ = std::make_unique<PostgresPort>(*postgres_);
    logBounds_ = LogBounds(UINT64_MAX, *roomLog_);
    for (const std::string& text : logBounds_.toTell(options_.retention)) log_.notice(text);
    return Ok{};
}

// Once there is a hub to answer.
void Server::usePostgres() {
    postgresPort_->answerBy([this](CommandBatch batch) { hubHost_->answer(std::move(batch)); });
    postgres_->use({[this](std::function<void()> task) { hubHost_->run(std::move(task)); },
                    [this](const std::string& why) {
                        if (options_.onLogLost) options_.onLogLost(why);
                    },
                    [this] {
                        postgresSearcher_->interrupt();
                        replicatedFiles_->interrupt();
                    }});
}

}  // namespace netchat::serve
