#include "tests/simulate/planted_bugs.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "harness/simulate/log_decorator.h"

namespace netchat::simulate {

namespace {

using namespace serve;

// ---- the log

class ForgetfulLog : public SimLog {
  public:
    using SimLog::SimLog;

  protected:
    const Place* earlier(const store::Entry&) const override { return nullptr; }
};
struct DropTheDedup : FaultHooks {
    std::unique_ptr<SimLog> makeLog(Durability durability) override {
        return std::make_unique<ForgetfulLog>(durability);
    }
};

// Keeps its identity, whatever has become of it.
class TrustingLog : public SimLog {
  public:
    using SimLog::SimLog;

  protected:
    store::LogVerdictAtStart judged(const store::LogFound& found) const override {
        return {!found.identity.empty(), true, 0, {}};
    }
};
struct KeepTheIdentity : FaultHooks {
    std::unique_ptr<SimLog> makeLog(Durability durability) override {
        return std::make_unique<TrustingLog>(durability);
    }
};

// Goes by what is on the disk alone.
class WitnesslessLog : public SimLog {
  public:
    using SimLog::SimLog;

  protected:
    store::LogVerdictAtStart judged(const store::LogFound& found) const override {
        store::LogFound seen = found;
        if (found.run) seen.witness = store::LogWitnessed{found.run->token, found.total};
        return store::judgeStart(seen);
    }
};
struct GoByTheDisk : FaultHooks {
    std::unique_ptr<SimLog> makeLog(Durability durability) override {
        return std::make_unique<WitnesslessLog>(durability);
    }
};

// An answer that was lost on its way is taken for a refusal.
struct RefuseTheUnknown : FaultHooks {
    void outcome(const DraftBatch&, LogPort::Outcome& outcome) override {
        if (outcome && ++count_ % 4 == 0) {
            outcome = Error{ErrorCode::Internal, "the log does not answer"};
        }
    }

  private:
    int count_ = 0;
};
struct ShowTheUnanswered : FaultHooks {
    bool hidesUnanswered() override { return false; }
};

// What was looked up is refused, though it was said.
struct FindNothing : FaultHooks {
    void outcome(const DraftBatch& batch, LogPort::Outcome& outcome) override {
        if (!outcome) return;
        for (size_t i = 0; i < batch.drafts.size(); ++i) {
            if (batch.isLookUp(i)) (*outcome)[i] = {};
        }
    }
};
// A try that was repeated says of all that it was there before.
struct CallTheRetryADuplicate : FaultHooks {
    bool answersAsTheFirstTry() override { return false; }
};
struct ReadTheUnanswered : FaultHooks {
    void read(ReadRequest& request) override { request.end = UINT64_MAX; }
};
struct ReadFromTheWrongEnd : FaultHooks {
    void read(ReadRequest& request) override { request.newest = !request.newest; }
};
// Two pages that are on their way get each other's tickets.
struct MixTwoPagesUp : FaultHooks {
    void haveRead(LogRead& answer) override {
        if (answer.outcome) std::swap(answer.outcome, last_);
        if (!answer.outcome) answer.outcome = std::vector<store::KeptEntry>{};
    }

  private:
    Result<std::vector<store::KeptEntry>> last_{std::vector<store::KeptEntry>{}};
};
// What a session asks does not wait for the page that it asked for before.
struct AnswerPagesLast : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        std::stable_partition(queue.back().begin(), queue.back().end(), [](const Effect& effect) {
            return !std::holds_alternative<HistoryReady>(effect);
        });
    }
};
// Who was held is never read again.
struct HoldForEver : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        std::erase_if(queue.back(), [](const Effect& effect) {
            const auto* hold = std::get_if<Hold>(&effect);
            return hold && !hold->on;
        });
    }
};

// Does not know any more where an earlier identity ended.
class EndlessLog : public LogDecorator {
  public:
    using LogDecorator::LogDecorator;
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override {
        const auto shared = real_.sharedWith(identity, room);
        return shared ? std::optional(real_.range(room).last) : shared;
    }
};

// Says what the log will say, and gives it the drafts with the next append.
class EagerLog : public LogDecorator {
  public:
    using LogDecorator::LogDecorator;
    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override {
        commit();
        std::vector<store::Appended> result;
        std::map<std::string, uint64_t> more;
        for (const store::Draft& draft : drafts) {
            const store::Entry& e = draft.entry;
            const std::string room(draft.room);
            result.push_back({real_.range(room).last + ++more[room], false});
            held_.push_back({room,
                             {e.kind, e.time, e.user, e.size, std::string(e.id),
                              std::string(e.from), std::string(e.text), std::string(e.sha256)}});
        }
        return result;
    }

  private:
    void commit() {
        for (const auto& [room, entry] : std::exchange(held_, {})) {
            const store::Draft draft{room, entry.view(0)};
            (void)real_.append({&draft, 1});
        }
    }
    std::vector<std::pair<std::string, KeptEntry>> held_;
};

// A page lacks an entry now and then.
class LeakyLog : public LogDecorator {
  public:
    using LogDecorator::LogDecorator;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override {
        return real_.read(room, seq, [&](const store::Entry& entry) {
            return entry.seq % 7 == 0 && entry.seq != seq ? true : visit(entry);
        });
    }
};

// Takes a failure for a refusal, whatever was written.
class HastyLog : public LogDecorator {
  public:
    using LogDecorator::LogDecorator;
    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override {
        if (real_.isUnsure()) (void)real_.findOut();
        return real_.append(drafts);
    }
    bool isUnsure() const override { return false; }
};

// Says nothing of what it cannot read.
class SilentLog : public LogDecorator {
  public:
    using LogDecorator::LogDecorator;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override {
        return real_.read(room, seq, [&](const store::Entry& entry) {
            return entry.kind == store::EntryKind::Lost || visit(entry);
        });
    }
};

template <class Decorator>
struct WithLog : FaultHooks {
    std::unique_ptr<Decorator> log_;
    store::RoomLog& log(store::RoomLog& real) override {
        log_ = std::make_unique<Decorator>(real);
        return *log_;
    }
};

// ---- the users

class UsersDecorator : public store::UserLog {
  public:
    explicit UsersDecorator(store::UserLog& real) : real_(real) {}
    Result<uint64_t> reserve(uint64_t count) override { return real_.reserve(count); }
    Status add(std::span<const store::UserRecord> users) override { return real_.add(users); }
    std::optional<store::UserRecord> find(uint64_t number, const std::string& secret) override {
        return real_.find(number, secret);
    }

  protected:
    store::UserLog& real_;
};
struct NoSecrets : UsersDecorator {
    using UsersDecorator::UsersDecorator;
    std::optional<store::UserRecord> find(uint64_t, const std::string&) override { return {}; }
};
template <class Decorator>
struct WithUsers : FaultHooks {
    std::unique_ptr<Decorator> users_;
    store::UserLog& users(store::UserLog& real) override {
        users_ = std::make_unique<Decorator>(real);
        return *users_;
    }
};

// ---- the disk

// Takes a sync for done.
class UnsyncedFile : public store::DiskFile {
  public:
    explicit UnsyncedFile(std::unique_ptr<store::DiskFile> real) : real_(std::move(real)) {}
    uint64_t size() const override { return real_->size(); }
    store::FileStamp stamp() const override { return real_->stamp(); }
    Status append(std::string_view bytes) override { return real_->append(bytes); }
    bool read(uint64_t offset, std::string& bytes) const override {
        return real_->read(offset, bytes);
    }
    Status sync() override { return Ok{}; }

  private:
    std::unique_ptr<store::DiskFile> real_;
};
class DiskDecorator : public store::Disk {
  public:
    explicit DiskDecorator(store::Disk& real) : real_(real) {}
    Result<std::unique_ptr<store::DiskFile>> create(const std::string& name) override {
        return real_.create(name);
    }
    Result<std::unique_ptr<store::DiskFile>> reopen(const std::string& name) override {
        return real_.reopen(name);
    }
    std::unique_ptr<store::DiskFile> open(const std::string& name) override {
        return real_.open(name);
    }
    Status rename(const std::string& from, const std::string& to) override {
        return real_.rename(from, to);
    }
    void remove(const std::string& name) override { real_.remove(name); }
    Status syncNames() override { return real_.syncNames(); }
    std::vector<Listed> list(const std::string& folder) const override {
        return real_.list(folder);
    }

  protected:
    store::Disk& real_;
};
class UnsyncedFiles : public DiskDecorator {
  public:
    using DiskDecorator::DiskDecorator;
    Result<std::unique_ptr<store::DiskFile>> create(const std::string& name) override {
        return wrap(real_.create(name));
    }
    Result<std::unique_ptr<store::DiskFile>> reopen(const std::string& name) override {
        return wrap(real_.reopen(name));
    }

  private:
    static Result<std::unique_ptr<store::DiskFile>> wrap(
        Result<std::unique_ptr<store::DiskFile>> file) {
        if (!file) return file;
        return std::unique_ptr<store::DiskFile>(std::make_unique<UnsyncedFile>(std::move(*file)));
    }
};
class UnsyncedNames : public DiskDecorator {
  public:
    using DiskDecorator::DiskDecorator;
    Status syncNames() override { return Ok{}; }
};
// A file is as it was when it was first looked at.
class BlindDisk : public DiskDecorator {
  public:
    using DiskDecorator::DiskDecorator;
    std::unique_ptr<store::DiskFile> open(const std::string& name) override {
        auto file = real_.open(name);
        if (!file || name.find('/') != std::string::npos) return file;
        const auto first = stamps_.try_emplace(name, file->stamp()).first;
        return std::make_unique<File>(std::move(file), first->second);
    }
    Status rename(const std::string& from, const std::string& to) override {
        stamps_.erase(to);
        return real_.rename(from, to);
    }

  private:
    class File : public store::DiskFile {
      public:
        File(std::unique_ptr<store::DiskFile> real, store::FileStamp stamp)
            : real_(std::move(real)), stamp_(stamp) {}
        uint64_t size() const override { return stamp_.size; }
        store::FileStamp stamp() const override { return stamp_; }
        Status append(std::string_view bytes) override { return real_->append(bytes); }
        bool read(uint64_t offset, std::string& bytes) const override {
            return real_->read(offset, bytes);
        }
        Status sync() override { return real_->sync(); }

      private:
        std::unique_ptr<store::DiskFile> real_;
        store::FileStamp stamp_;
    };

    std::map<std::string, store::FileStamp> stamps_;
};
template <class Decorator>
struct WithDisk : FaultHooks {
    std::unique_ptr<Decorator> disk_;
    store::Disk& disk(store::Disk& real) override {
        disk_ = std::make_unique<Decorator>(real);
        return *disk_;
    }
};

// ---- files

class FilesDecorator : public store::FileStore {
  public:
    explicit FilesDecorator(store::FileStore& real) : real_(real) {}
    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override {
        return real_.begin(size, sha256, owner, std::move(done));
    }
    void write(UploadId id, std::string bytes, Written done) override {
        real_.write(id, std::move(bytes), std::move(done));
    }
    void finish(UploadId id, std::string_view sha256, Finished done) override {
        real_.finish(id, sha256, std::move(done));
    }
    void suspend(UploadId id) override { real_.suspend(id); }
    void abort(UploadId id) override { real_.abort(id); }
    std::shared_ptr<const store::StoredFile> open(std::string_view sha256) override {
        return real_.open(sha256);
    }
    void verify(std::string_view sha256, Verified done) override {
        real_.verify(sha256, std::move(done));
    }
    void unneeded(std::string_view sha256) override { real_.unneeded(sha256); }
    bool remove(std::string_view sha256) override { return real_.remove(sha256); }

  protected:
    store::FileStore& real_;
};
struct ForgetfulFiles : FilesDecorator {
    using FilesDecorator::FilesDecorator;
    UploadId begin(uint64_t size, std::string_view, Owner owner, Begun done) override {
        return real_.begin(size, {}, owner, std::move(done));
    }
};
// What was offered before is taken to be there, and whole.
struct TrustingFiles : FilesDecorator {
    using FilesDecorator::FilesDecorator;
    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override {
        if (known_.count(std::string(sha256)) == 0) {
            return real_.begin(size, sha256, owner, std::move(done));
        }
        const UploadId id = --lastSpared_;
        spared_[id] = sha256;
        done(size);
        return id;
    }
    void finish(UploadId id, std::string_view sha256, Finished done) override {
        if (const auto spared = spared_.extract(id)) return done(spared.mapped());
        real_.finish(id, sha256, [this, done = std::move(done)](Result<std::string> result) {
            if (result) known_.insert(*result);
            done(std::move(result));
        });
    }
    void suspend(UploadId id) override {
        if (spared_.erase(id) == 0) real_.suspend(id);
    }
    void abort(UploadId id) override {
        if (spared_.erase(id) == 0) real_.abort(id);
    }

  private:
    std::set<std::string> known_;
    std::map<UploadId, std::string> spared_;
    UploadId lastSpared_ = UINT64_MAX;
};
// Others' files go when one is announced.
struct HastyFiles : FilesDecorator {
    using FilesDecorator::FilesDecorator;
    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override {
        if (!kept_.empty() && size > 1'000) real_.remove(std::exchange(kept_, {}));
        return real_.begin(size, sha256, owner, std::move(done));
    }
    void finish(UploadId id, std::string_view sha256, Finished done) override {
        real_.finish(id, sha256, [this, done = std::move(done)](Result<std::string> result) {
            if (result) kept_ = *result;
            done(std::move(result));
        });
    }

  private:
    std::string kept_;
};
template <class Decorator>
struct WithFiles : FaultHooks {
    std::map<store::FileStore*, std::unique_ptr<FilesDecorator>> files_;
    store::FileStore& files(store::FileStore& real) override {
        auto& decorator = files_[&real];
        if (!decorator) decorator = std::make_unique<Decorator>(real);
        return *decorator;
    }
    void serverDied() override { files_.clear(); }
};
struct ForgetTheDownloadsOffset : FaultHooks {
    void partials(std::map<std::string, std::string>& bySha256) override { bySha256.clear(); }
};

// ---- on the way

struct OffByOneOnResume : FaultHooks {
    void commands(CommandBatch& batch) override {
        for (Command& command : batch.commands) {
            if (auto* join = std::get_if<Join>(&command); join && join->since) ++*join->since;
        }
    }
};
struct OneTooManyOnResume : FaultHooks {
    void commands(CommandBatch& batch) override {
        for (Command& command : batch.commands) {
            auto* join = std::get_if<Join>(&command);
            if (join && join->since && *join->since > 0) --*join->since;
        }
    }
};
// In what a session is sent, for whoever has read more than the log has.
template <int kOff>
struct OffByOneInCommon : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        for (Effect& effect : queue.back()) {
            auto* subscribed = std::get_if<Subscribed>(&effect);
            if (!subscribed || !subscribed->common) continue;
            const uint64_t moved = *subscribed->common + static_cast<uint64_t>(kOff);
            if (moved > subscribed->seq) continue;
            subscribed->common = moved;
            subscribed->nextSeq = moved + 1;
        }
    }
};
struct SayNothingOfCommon : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        for (Effect& effect : queue.back()) {
            if (auto* subscribed = std::get_if<Subscribed>(&effect)) subscribed->common.reset();
        }
    }
};
struct LoseTheLastBlock : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        EffectBatch& batch = queue.back();
        if (batch.size() > 1 && std::holds_alternative<Published>(batch.back())) batch.pop_back();
    }
};
struct ReorderTwoBatches : FaultHooks {
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        if (queue.size() >= 2) std::swap(queue[queue.size() - 1], queue[queue.size() - 2]);
    }
};
// Who comes is seated before those who are there are told of it.
struct SubscriptionBeforeTheNews : FaultHooks {
    static bool isNews(const Effect& effect) {
        const auto* published = std::get_if<Published>(&effect);
        return published && std::all_of(published->publication->items.begin(),
                                        published->publication->items.end(),
                                        [](const Item& item) { return item.seq == 0; });
    }
    void effects(size_t, std::deque<EffectBatch>& queue) override {
        EffectBatch& batch = queue.back();
        for (size_t i = 1; i < batch.size(); ++i) {
            if (std::holds_alternative<Subscribed>(batch[i]) && isNews(batch[i - 1])) {
                std::swap(batch[i - 1], batch[i]);
            }
        }
    }
};
struct ForgetALeave : FaultHooks {
    void commands(CommandBatch& batch) override {
        std::erase_if(batch.commands, [](const Command& command) {
            return std::holds_alternative<Leave>(command);
        });
    }
};
struct ForgetWhoIsGone : FaultHooks {
    void commands(CommandBatch& batch) override {
        std::erase_if(batch.commands,
                      [](const Command& command) { return std::holds_alternative<Gone>(command); });
    }
};
template <class Bug>
PlantedBug plant(std::string name) {
    return {std::move(name), [] { return std::unique_ptr<FaultHooks>(std::make_unique<Bug>()); }};
}

}  // namespace

const std::vector<PlantedBug>& plantedBugs() {
    static const std::vector<PlantedBug> bugs{
        plant<DropTheDedup>("the log forgets who said what already"),
        plant<WithLog<EagerLog>>("acknowledged before it is committed"),
        plant<OffByOneOnResume>("resumed one entry too late"),
        plant<OneTooManyOnResume>("resumed one entry too early"),
        plant<LoseTheLastBlock>("the last block of a batch is lost"),
        plant<ReorderTwoBatches>("two batches change places"),
        plant<WithLog<LeakyLog>>("a page skips an entry"),
        plant<WithLog<HastyLog>>("refused, though it may be in the log"),
        plant<WithLog<SilentLog>>("a damaged entry is passed over in silence"),
        plant<WithDisk<UnsyncedFiles>>("a file has its name before its bytes are synced"),
        plant<WithDisk<UnsyncedNames>>("a file's name is not synced"),
        plant<WithFiles<ForgetfulFiles>>("an upload's offset is forgotten"),
        plant<WithFiles<TrustingFiles>>("what is offered again is thrown away"),
        plant<WithFiles<HastyFiles>>("files give way to what is only announced"),
        plant<WithDisk<BlindDisk>>("nobody looks whether a file has changed"),
        plant<ForgetTheDownloadsOffset>("a download's offset is forgotten"),
        plant<WithUsers<NoSecrets>>("the secrets of users are forgotten"),
        plant<SubscriptionBeforeTheNews>("who comes is told that they have come"),
        plant<ForgetALeave>("a leave is forgotten"),
        plant<KeepTheIdentity>("a log that was put back keeps its identity"),
        plant<GoByTheDisk>("a disk that was put back is not noticed"),
        plant<RefuseTheUnknown>("a lost answer is taken for a refusal"),
        plant<ShowTheUnanswered>("what the log has not answered is shown"),
        plant<FindNothing>("refused without a look whether it was said"),
        plant<CallTheRetryADuplicate>("what is tried again is taken for a duplicate"),
        plant<ReadTheUnanswered>("a page has what the log has not answered"),
        plant<ReadFromTheWrongEnd>("a page is bounded at its wrong end"),
        plant<MixTwoPagesUp>("a page goes to another reader"),
        plant<AnswerPagesLast>("a command does not wait for the page before it"),
        plant<HoldForEver>("who was held is never read again"),
        plant<WithLog<EndlessLog>>("where an identity of the log ended is forgotten"),
        plant<OffByOneInCommon<1>>("the last common entry is one too high"),
        plant<OffByOneInCommon<-1>>("the last common entry is one too low"),
        plant<SayNothingOfCommon>("the last common entry is not told"),
        plant<ForgetWhoIsGone>("who is gone stays a member"),
    };
    return bugs;
}

Found hunt(const PlantedBug& bug, uint64_t first, uint64_t most) {
    Found result;
    while (!result.found && result.seeds < most) {
        const Scenario scenario = makeScenario(first + result.seeds++, {});
        const auto run = runScenario(scenario, bug.faultHooks);
        if (!run.violation) continue;
        result.found = true;
        result.invariant = run.violation->invariant;
    }
    return result;
}

}  // namespace netchat::simulate
